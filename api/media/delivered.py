"""A stored file as an HTTP answer: whole, a range of it, or only that it hasn't changed."""

import re

from fastapi import Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from obstore.store import LocalStore
from starlette.types import Message, Receive, Scope, Send

from api.core.errors import NotFound, ProblemError
from api.core.settings import Settings
from api.media import storage

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class RangeRefused(ProblemError):
    status = 416
    title = "No such range"


class RangedFile(FileResponse):
    """Streams a file or a range of it; a bad range becomes a problem document like every other error."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def checked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                raise RangeRefused("Ask for `bytes=first-last` within the file, or leave Range out.")
            await send(message)

        await super().__call__(scope, receive, checked)


async def file_response(
    settings: Settings, request: Request, *, key: str, sha256: str, content_type: str, headers: dict[str, str]
) -> Response:
    """From the place of delivery, else (a draft) from the store of all files; NotFound where it is in neither."""
    etag = f'"{sha256}"'
    headers = {**headers, "ETag": etag}
    if _is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    for store in (storage.delivery(settings), storage.objects(settings)):
        if isinstance(store, LocalStore):
            if (path := storage.local_path(store, key)).is_file():
                return RangedFile(path, media_type=content_type, headers=headers)
        elif (size := await storage.size_of(store, key)) is not None:
            return await _remote(request, store, key, size, content_type, headers)
    raise NotFound("This file is no longer here.")


async def _remote(
    request: Request, store: storage.Store, key: str, size: int, content_type: str, headers: dict[str, str]
) -> Response:
    """Streamed through, a piece at a time. Of several ranges in one request none is given: the whole is."""
    wanted = request.headers.get("range", "")
    if request.headers.get("if-range", headers["ETag"]) != headers["ETag"] or "," in wanted:
        wanted = ""
    first, last = parse_range(wanted, size) if wanted else (0, size - 1)
    length = last - first + 1
    told = {**headers, "Accept-Ranges": "bytes", "Content-Length": str(length)}
    if wanted:
        told["Content-Range"] = f"bytes {first}-{last}/{size}"
    status = 206 if wanted else 200
    if request.method == "HEAD" or length == 0:
        return Response(status_code=status, headers=told, media_type=content_type)
    body = await storage.stream(store, key, first, length if wanted else None)
    return StreamingResponse(body, status, told, content_type)


def parse_range(wanted: str, size: int) -> tuple[int, int]:
    """First and last byte of `bytes=...`; RangeRefused where that is no range of a file of this size."""
    found = RANGE.fullmatch(wanted.strip())
    first, last = found.groups() if found else ("", "")
    if first:
        span = int(first), min(int(last) if last else size - 1, size - 1)
    elif last:
        span = max(0, size - int(last)), size - 1
    else:
        span = 1, 0
    if span[0] > span[1]:
        raise RangeRefused("Ask for `bytes=first-last` within the file, or leave Range out.")
    return span


def _is_known(if_none_match: str, etag: str) -> bool:
    return etag in [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]

"""Delivery of files by signed paths: no session needed, cacheable for ever because the name is the content."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from api.core.errors import NotFound, ProblemError
from api.core.http import SettingsDep, problems
from api.media import service

router = APIRouter(tags=["media"])
IMMUTABLE = "public, max-age=31536000, immutable"
FILE: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file, in its own content type", "content": FILE},
    206: {"description": "The range that was asked for", "content": FILE},
    304: {"description": "The file that If-None-Match names"},
}


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


def _is_known(if_none_match: str, etag: str) -> bool:
    return etag in [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]


@router.head("/media/{sha256}", include_in_schema=False)
@router.get(
    "/media/{sha256}",
    operation_id="media",
    summary="A file, whole or a range of it",
    response_class=Response,
    responses={**ANSWERS, **problems(403, 404, 416, is_limited=False)},
)
async def media(
    request: Request,
    settings: SettingsDep,
    sha256: Annotated[
        str, Path(pattern="^[0-9a-f]{64}$", examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b" + "0" * 24])
    ],
    content_type: Annotated[str, Query(alias="type", max_length=100, examples=["video/mp4"])],
    expires: Annotated[int, Query(ge=0, le=2**40, examples=[1795464000])],
    signature: Annotated[str, Query(pattern="^[0-9a-f]{64}$", examples=["5d41402a" * 8])],
) -> Response:
    """Paths come signed from GET /course-content. Range, ETag and If-None-Match work as in RFC 9110."""
    service.check_signature(
        request.app.state.media_key, sha256=sha256, content_type=content_type, expires=expires, signature=signature
    )
    etag = f'"{sha256}"'
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE, "X-Content-Type-Options": "nosniff"}
    if _is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    path = settings.objects_dir / service.object_key(sha256)
    if not path.is_file():
        raise NotFound("This file is no longer here.")
    return RangedFile(path, media_type=content_type, headers=headers)

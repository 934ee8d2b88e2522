"""tus 1.0 at the edge: what its headers ask for, and the header that each of its answers has."""

from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from api.core.errors import ProblemError
from api.core.http import problem_response
from api.core.settings import Settings
from api.media import rules
from api.media.receiving import UploadSlow
from api.media.uploads import BadUpload

RESUMABLE = {"Tus-Resumable": rules.VERSION}
PIECE = "application/offset+octet-stream"


class VersionUnknown(ProblemError):
    status = 412
    title = "Another version of tus"

    @property
    def headers(self) -> dict[str, str]:
        return {"Tus-Version": rules.VERSION}


class WrongContentType(ProblemError):
    status = 415
    title = "Another content type is needed"


class TusRoute(APIRoute):
    """Each answer names the protocol, refusals too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                response = await handle(request)
            except ProblemError as problem:
                response = problem_response(problem, request)
            response.headers.update(RESUMABLE)
            return response

        return handler


def check_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != rules.VERSION:
        raise VersionUnknown(f"Send `Tus-Resumable: {rules.VERSION}`.")


def options(settings: Settings) -> dict[str, str]:
    return {
        "Tus-Version": rules.VERSION,
        "Tus-Extension": rules.EXTENSIONS,
        "Tus-Max-Size": str(settings.upload_max_bytes),
        "Tus-Checksum-Algorithm": ",".join(rules.ALGORITHMS),
        "Cache-Control": "no-store",
    }


def size_told(request: Request, name: str) -> int | None:
    """A header that is a number of bytes; None where it isn't there."""
    told = request.headers.get(name)
    if told is None:
        return None
    if not told.isascii() or not told.isdecimal() or len(told) > 18:
        raise BadUpload(f"{name} is a whole number of bytes.")
    return int(told)


def metadata(request: Request) -> dict[str, str]:
    try:
        return rules.metadata(request.headers.get("upload-metadata", ""))
    except ValueError as error:
        raise BadUpload(str(error)) from None


def checksum(request: Request) -> tuple[str, bytes] | None:
    told = request.headers.get("upload-checksum")
    try:
        return rules.checksum(told) if told is not None else None
    except ValueError as error:
        raise BadUpload(str(error)) from None


def has_piece(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == PIECE


async def body(request: Request) -> AsyncIterator[bytes]:
    """As it arrives. A connection that is lost is no fault of ours: what arrived is kept."""
    try:
        async for piece in request.stream():
            if piece:
                yield piece
    except ClientDisconnect:
        raise UploadSlow("The connection was lost: ask by HEAD how much is there, and go on.") from None


def expires(moment: datetime) -> dict[str, str]:
    return {"Upload-Expires": format_datetime(moment, usegmt=True)}

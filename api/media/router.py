"""Delivery of files by signed paths: no session needed, cacheable for ever because the name is the content."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, Response

from api.core.errors import NotFound
from api.core.http import SettingsDep, problems
from api.media import service

router = APIRouter(tags=["media"])
IMMUTABLE = "public, max-age=31536000, immutable"


@router.get(
    "/media/{sha256}",
    operation_id="media",
    summary="A file, whole or a range of it",
    response_class=Response,
    responses={206: {"description": "The range that was asked for"}, **problems(403, 404)},
)
async def media(
    request: Request,
    settings: SettingsDep,
    sha256: Annotated[
        str, Path(pattern="^[0-9a-f]{64}$", examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b" + "0" * 24])
    ],
    content_type: Annotated[str, Query(alias="type", examples=["video/mp4"])],
    expires: Annotated[int, Query(ge=0, le=2**40, examples=[1795464000])],
    signature: Annotated[str, Query(max_length=64, examples=["5d41402a"])],
) -> Response:
    """Paths come signed from GET /course-content. Range, ETag and If-None-Match work as in RFC 9110."""
    service.check_signature(
        request.app.state.media_key, sha256=sha256, content_type=content_type, expires=expires, signature=signature
    )
    etag = f'"{sha256}"'
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE, "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    path = settings.objects_dir / service.object_key(sha256)
    if not path.is_file():
        raise NotFound("This file is no longer here.")
    return FileResponse(path, media_type=content_type, headers=headers)

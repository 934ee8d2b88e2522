"""Delivery of files by signed paths: no session needed, cacheable because the name is the content."""

import time
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.core.errors import NotFound
from api.core.http import ReaderDep, SettingsDep, problems
from api.core.settings import Settings
from api.media.delivered import file_response
from api.media.delivery import check_signature
from api.media.queries import bundle_file
from api.media.storage import bundle_key, object_key

router = APIRouter(tags=["media"])
FILE: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file, in its own content type", "content": FILE},
    206: {"description": "The range that was asked for", "content": FILE},
    304: {"description": "The file that If-None-Match names"},
}
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b" + "0" * 24
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", examples=[HASH])]
Expires = Annotated[int, Query(ge=0, le=2**40, examples=[1795464000])]


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
    sha256: Sha256,
    content_type: Annotated[str, Query(alias="type", max_length=100, examples=["video/mp4"])],
    expires: Expires,
    signature: Annotated[str, Query(pattern="^[0-9a-f]{64}$", examples=["5d41402a" * 8])],
) -> Response:
    """Paths come signed from GET /course-content. Range, ETag and If-None-Match work as in RFC 9110."""
    check_signature(
        request.app.state.media_key, sha256=sha256, content_type=content_type, expires=expires, signature=signature
    )
    headers = _headers(settings, expires)
    return await file_response(
        settings, request, key=object_key(sha256), sha256=sha256, content_type=content_type, headers=headers
    )


@router.head("/media/{bundle}/{signed}/{path:path}", include_in_schema=False)
@router.get(
    "/media/{bundle}/{signed}/{path:path}",
    operation_id="mediaOfBundle",
    summary="A file of a set, whole or a range of it",
    response_class=Response,
    responses={**ANSWERS, **problems(403, 404, 416, is_limited=False)},
)
async def media_of_bundle(
    request: Request,
    settings: SettingsDep,
    reader: ReaderDep,
    bundle: Annotated[str, Path(pattern="^[0-9a-f]{64}$", examples=[HASH])],
    signed: Annotated[str, Path(pattern="^[0-9]{1,12}-[0-9a-f]{64}$", examples=["1795464000-" + "5d41402a" * 8])],
    path: Annotated[str, Path(min_length=1, max_length=1000, pattern=r"^[^\x00]*$", examples=["master.m3u8"])],
) -> Response:
    """One signature opens all files of a video's renditions, so that the names in its playlists may be relative."""
    expires, _, signature = signed.partition("-")
    check_signature(
        request.app.state.media_key, sha256=bundle, content_type="", expires=int(expires), signature=signature
    )
    found = await bundle_file(reader, bundle, path)
    if found is None:
        raise NotFound("There is no such file in this set.")
    headers = _headers(settings, int(expires))
    key = bundle_key(bundle, path)
    return await file_response(
        settings, request, key=key, sha256=found.sha256, content_type=found.content_type, headers=headers
    )


@router.options("/media/{path:path}", include_in_schema=False)
async def preflight(settings: SettingsDep) -> Response:
    """Of pages that read from a CDN: players ask for ranges."""
    allowed = {"Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Allow-Headers": "Range, If-None-Match"}
    return Response(status_code=204, headers={**_shared(settings), **allowed, "Access-Control-Max-Age": "86400"})


def _headers(settings: Settings, expires: int) -> dict[str, str]:
    """Kept as long as the link is good, by browsers and by a CDN: behind it too, a link ends when it says so."""
    left = max(0, expires - int(time.time()))
    told = {"Cache-Control": f"public, max-age={left}, immutable", "X-Content-Type-Options": "nosniff"}
    return told | dict(_shared(settings))


def _shared(settings: Settings) -> Mapping[str, str]:
    """Where files come from another origin than our pages, any origin may read what a link opens: caches keep it."""
    if not settings.media_origins:
        return {}
    return {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }

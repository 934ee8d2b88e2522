"""The files of packages, under the name of the content site only (api/core/content_site.py)."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.core.errors import Forbidden, NotFound
from api.core.http import ReaderDep, SettingsDep, problems
from api.media.delivered import file_response
from api.media.package_files import check_package_link
from api.media.queries import bundle_file
from api.media.storage import bundle_key

router = APIRouter(tags=["media"])
FILE: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file, in its own content type", "content": FILE},
    206: {"description": "The range that was asked for", "content": FILE},
    304: {"description": "The file that If-None-Match names"},
}
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b" + "0" * 24


@router.head("/package-files/{bundle}/{signed}/{path:path}", include_in_schema=False)
@router.get(
    "/package-files/{bundle}/{signed}/{path:path}",
    operation_id="packageFile",
    summary="A file of a package",
    response_class=Response,
    responses={**ANSWERS, **problems(403, 404, 416, is_limited=False)},
)
async def package_file(
    request: Request,
    settings: SettingsDep,
    reader: ReaderDep,
    bundle: Annotated[str, Path(pattern="^[0-9a-f]{64}$", examples=[HASH])],
    signed: Annotated[str, Path(pattern="^[0-9]{1,12}-[0-9a-f]{64}$", examples=["1795464000-" + "5d41402a" * 8])],
    path: Annotated[str, Path(min_length=1, max_length=1000, pattern=r"^[^\x00]*$", examples=["index.html"])],
) -> Response:
    """Addresses come signed from GET /package-state, for the site that shows packages only. Range and ETag work."""
    expires = check_package_link(request.app.state.media_key, bundle, signed)
    if request.headers.get("service-worker"):
        raise Forbidden("A package keeps no script running after it is closed.")
    found = await bundle_file(reader, bundle, path)
    if found is None:
        raise NotFound("There is no such file in this package.")
    headers = {"Cache-Control": f"private, max-age={max(0, expires - int(time.time()))}, immutable"}
    key = bundle_key(bundle, path)
    return await file_response(
        settings, request, key=key, sha256=found.sha256, content_type=found.content_type, headers=headers
    )

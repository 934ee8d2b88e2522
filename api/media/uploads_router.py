"""Giving a file: in pieces that survive a lost connection (tus 1.0), or in one body. The same on both paths."""

import uuid
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from api.core.db import new_id
from api.core.http import SettingsDep, problems
from api.core.settings import Settings
from api.identity.deps import CreatorDep
from api.identity.rules import Principal
from api.media import tus, uploads
from api.media.models import MediaAsset, Upload
from api.media.schemas import UploadedOut

router = APIRouter(tags=["media"], route_class=tus.TusRoute)
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY = {"requestBody": {"content": {tus.PIECE: BINARY, "application/octet-stream": BINARY}}}
HEADERS = {name: {"schema": {"type": "string"}} for name in ("Location", "Upload-Offset", "Upload-Expires")}
ACCEPTED: dict[int | str, dict[str, Any]] = {
    201: {"description": "tus: the upload has begun; send the file to Location", "headers": HEADERS},
    202: {"description": "The file arrived whole and is worked on", "model": UploadedOut},
}


@dataclass(frozen=True)
class Asked:
    """Who uploads where. It holds no connection to the database: bytes may arrive for hours."""

    request: Request
    who: Principal
    settings: Settings
    sessions: async_sessionmaker[AsyncSession]

    @property
    def route(self) -> str:
        return str(self.request.scope["route"].path).split("/")[1]

    @property
    def length(self) -> int | None:
        return tus.size_told(self.request, "Content-Length")

    async def append(self, upload: Upload, offset: int) -> int:
        here, _ = await uploads.append(
            self.sessions,
            self.settings,
            self.who,
            upload,
            tus.body(self.request),
            offset=offset,
            length=self.length,
            checksum=tus.checksum(self.request),
        )
        return here


async def asked(request: Request, creator: CreatorDep, settings: SettingsDep) -> Asked:
    return Asked(request, creator, settings, request.app.state.sessions)


AskedDep = Annotated[Asked, Depends(asked)]
Name = Annotated[str | None, Query(max_length=500, pattern=r"^[^\x00]*$", examples=["ladders.mp4"])]
Hash = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$", description="SHA-256 of the whole file.")]
Chosen = Annotated[uuid.UUID | None, Query(alias="id", description="Yours, so that the call may be repeated.")]


async def options(settings: SettingsDep) -> Response:
    return Response(status_code=204, headers=tus.options(settings))


async def create(its: AskedDep, file_name: Name = None, sha256: Hash = None, chosen: Chosen = None) -> Response:
    """With `Tus-Resumable: 1.0.0` an upload in pieces begins (tus 1.0); else the body is the file itself.

    What it is, is found out from its content, not from its name. A refused file leaves nothing behind.
    """
    if "tus-resumable" in its.request.headers:
        return await _begin(its)
    return await _receive(its, chosen, file_name, sha256)


async def _begin(its: Asked) -> Response:
    """The first bytes may come along (creation-with-upload)."""
    tus.check_version(its.request)
    size = tus.size_told(its.request, "Upload-Length")
    if size is None:
        raise uploads.BadUpload("Send Upload-Length: the size of the whole file.")
    metadata = tus.metadata(its.request)
    upload = await uploads.begin(
        its.sessions,
        its.settings,
        its.who,
        upload_id=new_id(),
        route=its.route,
        size=size,
        told=its.request.headers.get("upload-metadata", ""),
        file_name=metadata.get("filename") or metadata.get("name"),
        sha256=metadata.get("sha256"),
    )
    headers = {"Location": f"/{its.route}/{upload.id}", **tus.expires(upload.expires_at)}
    if tus.has_piece(its.request):
        headers["Upload-Offset"] = str(await its.append(upload, 0))
    return Response(status_code=201, headers=headers)


async def _receive(its: Asked, chosen: uuid.UUID | None, file_name: str | None, sha256: str | None) -> Response:
    asset = await uploads.known(its.sessions, its.who, chosen) if chosen else None
    if asset is None:
        upload = await uploads.begin(
            its.sessions,
            its.settings,
            its.who,
            upload_id=chosen or new_id(),
            route=its.route,
            size=its.length,
            file_name=file_name,
            sha256=sha256,
        )
        body = tus.body(its.request)
        asset = await uploads.receive_whole(its.sessions, its.settings, its.who, upload, body, its.length)
    state = "being processed" if asset.status == "processing" else asset.status
    told = {"asset_id": asset.id, "status": asset.status, "message": f"The {asset.kind} is {state}."}
    return JSONResponse(UploadedOut.model_validate(told).model_dump(mode="json"), 202)


async def stands_at(its: AskedDep, upload_id: uuid.UUID) -> Response:
    """In Upload-Offset. A whole file that isn't an asset yet lacks its last byte: send that, and hear why."""
    tus.check_version(its.request)
    upload = await uploads.find(its.sessions, its.settings, its.who, its.route, upload_id)
    headers = {
        "Upload-Offset": str(await uploads.stands_at(its.settings, upload)),
        "Upload-Length": str(upload.size_bytes),
        "Cache-Control": "no-store",
    }
    if isinstance(upload, Upload):
        headers |= tus.expires(upload.expires_at) | ({"Upload-Metadata": upload.told} if upload.told else {})
    return Response(status_code=200, headers=headers)


async def send_piece(its: AskedDep, upload_id: uuid.UUID) -> Response:
    """From Upload-Offset on. The answer to the last piece comes when the file was looked into and kept."""
    tus.check_version(its.request)
    if not tus.has_piece(its.request):
        raise tus.WrongContentType(f"Send the bytes as {tus.PIECE}.")
    offset = tus.size_told(its.request, "Upload-Offset")
    if offset is None:
        raise uploads.BadUpload("Send Upload-Offset: how much is here already, as HEAD says.")
    upload = await uploads.find(its.sessions, its.settings, its.who, its.route, upload_id)
    if isinstance(upload, MediaAsset):
        raise uploads.OffsetDiffers("The upload is whole: there is nothing to send.")
    here = await its.append(upload, offset)
    return Response(status_code=204, headers={"Upload-Offset": str(here), **tus.expires(upload.expires_at)})


async def abort(its: AskedDep, upload_id: uuid.UUID) -> Response:
    """What arrived is removed. A file that is whole is deleted as a media asset."""
    tus.check_version(its.request)
    upload = await uploads.find(its.sessions, its.settings, its.who, its.route, upload_id)
    if isinstance(upload, MediaAsset):
        raise uploads.OffsetDiffers("The upload is whole: delete the media asset.")
    await uploads.drop(its.sessions, its.settings, upload.id)
    return Response(status_code=204)


def _offer(route: str, operation: str, what: str) -> None:
    """The operations of one path."""
    path, one = f"/{route}", f"/{route}/{{upload_id}}"
    add = router.add_api_route
    add(path, options, methods=["OPTIONS"], include_in_schema=False)
    add(
        path,
        create,
        methods=["POST"],
        status_code=202,
        operation_id=operation,
        summary=f"Upload {what}",
        responses={**ACCEPTED, **problems(400, 401, 408, 409, 412, 413, 423, 460, 507)},
        openapi_extra=BODY,
    )
    answers = problems(400, 401, 404, 408, 409, 410, 412, 413, 415, 423, 460, 507)
    told: dict[str, Any] = {"response_class": Response, "responses": answers}
    add(one, stands_at, methods=["HEAD"], operation_id=f"{operation}Offset", summary="How much has arrived", **told)
    told["status_code"] = 204
    add(one, abort, methods=["DELETE"], operation_id=f"{operation}Abort", summary="Give up an upload", **told)
    told["openapi_extra"] = BODY
    add(one, send_piece, methods=["PATCH"], operation_id=f"{operation}Piece", summary="Send the next piece", **told)


_offer("upload-video", "uploadVideo", "a video")
_offer("upload-material", "uploadMaterial", "a document, picture or package")

"""Captions of videos."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from api.core.http import BODY, SessionDep, SettingsDep, problems
from api.core.settings import Settings
from api.identity.deps import CreatorDep
from api.media import assets, captions
from api.media.captions import CaptionsRefused
from api.media.delivery import asset_links
from api.media.models import MediaAsset
from api.media.schemas import ID, CaptionOut, CaptionPage

router = APIRouter(tags=["media"])
AssetId = Annotated[uuid.UUID, Query(examples=[ID])]
Language = Annotated[str, Query(max_length=35, pattern=r"^[A-Za-z0-9-]+$", examples=["de"])]
Label = Annotated[str, Query(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$", examples=["Deutsch"])]
VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nWelcome.\n"
FILE: dict[str, Any] = {"schema": {"type": "string"}, "example": VTT}
FORM: dict[str, Any] = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
}
BODIES = {"text/vtt": FILE, "application/x-subrip": FILE, "text/plain": FILE, "multipart/form-data": FORM}


@router.put(
    "/media-captions",
    operation_id="putMediaCaptions",
    summary="Captions of my video in a language",
    responses=problems(*BODY, 401, 404, 409),
    openapi_extra={"requestBody": {"required": True, "content": BODIES}},
)
async def put_captions(
    request: Request,
    creator: CreatorDep,
    session: SessionDep,
    settings: SettingsDep,
    asset_id: AssetId,
    language: Language,
    label: Label,
) -> CaptionPage:
    """WebVTT or SRT, as the body or as `file` of a form. They replace those of the same language."""
    content = await _content(request)
    asset = await captions.put(
        session, settings, creator, asset_id=asset_id, language=language, label=label, content=content
    )
    return _page(settings, request, asset)


@router.get(
    "/media-captions",
    operation_id="mediaCaptions",
    summary="The captions of a video, by language",
    responses=problems(401, 404),
)
async def media_captions(
    request: Request, creator: CreatorDep, session: SessionDep, settings: SettingsDep, asset_id: AssetId
) -> CaptionPage:
    """Of a video of mine, or of one that a course of mine shows."""
    return _page(settings, request, await assets.asset_of(session, creator, asset_id))


@router.delete(
    "/media-captions",
    status_code=204,
    operation_id="deleteMediaCaptions",
    summary="Remove captions of my video",
    responses=problems(401, 404),
)
async def delete_captions(creator: CreatorDep, session: SessionDep, asset_id: AssetId, language: Language) -> Response:
    """Those of one language; 404 where there are none."""
    await captions.remove(session, creator, asset_id=asset_id, language=language)
    return Response(status_code=204)


async def _content(request: Request) -> bytes:
    """The body, or the one file in a form."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await request.body()
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise CaptionsRefused("Send the captions as `file` of the form.")
        return await file.read()


def _page(settings: Settings, request: Request, asset: MediaAsset) -> CaptionPage:
    links = asset_links(settings, request.app.state.media_key, asset)["captions"]
    kept = asset.detail.get("captions", [])
    return CaptionPage(items=[CaptionOut(**{**one, **link}) for one, link in zip(kept, links, strict=True)])

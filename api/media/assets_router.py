"""A creator's media library."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.core.http import SessionDep, SettingsDep, problems
from api.core.settings import Settings
from api.identity.deps import CreatorDep
from api.media import assets
from api.media.delivery import asset_links
from api.media.models import MediaAsset
from api.media.schemas import ID, AssetOut, AssetPage, Kind

router = APIRouter(tags=["media"])


@router.get(
    "/media-assets",
    operation_id="mediaAssets",
    summary="My files, newest first",
    responses=problems(401),
)
async def media_assets(
    request: Request,
    creator: CreatorDep,
    session: SessionDep,
    settings: SettingsDep,
    kind: Annotated[Kind | None, Query()] = None,
    search: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", examples=["ladder"])] = "",
    cursor: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> AssetPage:
    """`search` is part of the file's name. A failed file says why in `failure`."""
    found, following = await assets.list_assets(
        session, creator, kind=kind, search=search.strip(), after=cursor, limit=limit
    )
    return AssetPage(items=[asset_out(settings, request, asset) for asset in found], next=following)


@router.get(
    "/media-assets/{asset_id}",
    operation_id="mediaAsset",
    summary="A file: how far it is, and links to it",
    responses=problems(401, 404),
)
async def media_asset(
    request: Request, creator: CreatorDep, session: SessionDep, settings: SettingsDep, asset_id: uuid.UUID
) -> AssetOut:
    """Mine, or one that a course of mine shows. Ask again for progress while it is `processing`."""
    return asset_out(settings, request, await assets.asset_of(session, creator, asset_id))


@router.delete(
    "/media-assets/{asset_id}",
    status_code=204,
    operation_id="deleteMediaAsset",
    summary="Delete a file of mine",
    responses=problems(401, 404, 409),
)
async def delete_media_asset(creator: CreatorDep, session: SessionDep, asset_id: uuid.UUID) -> Response:
    """Not while a course shows it: 409. What was deleted is unknown from then on, so a second call is a 404."""
    await assets.delete_asset(session, creator, asset_id)
    return Response(status_code=204)


def asset_out(settings: Settings, request: Request, asset: MediaAsset) -> AssetOut:
    links = asset_links(settings, request.app.state.media_key, asset)
    columns = [name for name in AssetOut.model_fields if name != "links"]
    return AssetOut.model_validate({**{name: getattr(asset, name) for name in columns}, "links": links})

"""What the owner of a video does about its conversion. How far it is, GET /media-assets/{asset_id} tells."""

from fastapi import APIRouter, Request

from api.core.http import BODY, SessionDep, SettingsDep, problems
from api.identity.deps import CreatorDep
from api.media import transcoding
from api.media.assets_router import asset_out
from api.media.schemas import AssetOut, TranscodeIn

router = APIRouter(tags=["media"])


@router.post(
    "/cancel-transcode",
    operation_id="cancelTranscode",
    summary="Stop converting my video",
    responses=problems(*BODY, 401, 404, 409),
)
async def cancel_transcode(
    request: Request, body: TranscodeIn, creator: CreatorDep, session: SessionDep, settings: SettingsDep
) -> AssetOut:
    """Ends within two seconds; `retry-transcode` begins anew. Again changes nothing; a video that is done: 409."""
    return asset_out(settings, request, await transcoding.cancel(session, creator, asset_id=body.asset_id))


@router.post(
    "/retry-transcode",
    operation_id="retryTranscode",
    summary="Convert my video again, after it failed or was cancelled",
    responses=problems(*BODY, 401, 404, 409),
)
async def retry_transcode(
    request: Request, body: TranscodeIn, creator: CreatorDep, session: SessionDep, settings: SettingsDep
) -> AssetOut:
    """From the file that was uploaded. Changes nothing while it waits or runs; a video that is ready: 409."""
    return asset_out(settings, request, await transcoding.retry(session, creator, asset_id=body.asset_id))

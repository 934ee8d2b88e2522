"""The video's row while it is converted: waiting, told of its progress, ready, failed, cancelled, tried again."""

import uuid
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core import events
from api.core.errors import Conflict, NotFound
from api.core.jobs import LIGHT, TRANSCODE, Context, enqueue
from api.core.settings import Settings
from api.identity.audit import record
from api.identity.rules import Principal
from api.media.assets import own_asset
from api.media.bundles import store_bundle
from api.media.caption_texts import read_later
from api.media.models import MediaAsset
from api.media.storage import local_copy, object_key
from api.media.transcode import Cancelled, Failed, Progress, transcode
from api.media.workplaces import workplace

log = structlog.get_logger()


class NotTranscoding(Conflict):
    title = "Nothing to do"


async def begin(session: AsyncSession, settings: Settings, asset: MediaAsset, path: Path) -> None:
    """What intake does with a video that has arrived."""
    await _enqueue(session, asset)


async def _enqueue(session: AsyncSession, asset: MediaAsset) -> None:
    name = f"transcode_video:{asset.id}"
    await enqueue(
        session, "transcode_video", queue=TRANSCODE, args={"asset_id": str(asset.id)}, lock=name, queueing_lock=name
    )


async def cancel(session: AsyncSession, who: Principal, *, asset_id: uuid.UUID) -> MediaAsset:
    """The run ends within two seconds, the waiting job finds nothing to do. Again changes nothing."""
    asset = await _own_video(session, who, asset_id)
    if asset.status == "cancelled":
        return asset
    if asset.status != "processing":
        raise NotTranscoding(f"The video is {asset.status} already: there is nothing to cancel.")
    asset.status, asset.eta_s = "cancelled", None
    await _record(session, who, asset, "media.transcoding_cancelled", before="processing")
    return asset


async def retry(session: AsyncSession, who: Principal, *, asset_id: uuid.UUID) -> MediaAsset:
    """From the start, with the file that is here. Again changes nothing while it waits or runs."""
    asset = await _own_video(session, who, asset_id)
    if asset.status == "processing":
        return asset
    if asset.status == "ready":
        raise NotTranscoding("The video is ready: upload it again to have another one.")
    before = asset.status
    asset.status, asset.failure, asset.progress_percent, asset.eta_s = "processing", None, 0, None
    await _enqueue(session, asset)
    await _record(session, who, asset, "media.transcoding_retried", before=before)
    return asset


async def _own_video(session: AsyncSession, who: Principal, asset_id: uuid.UUID) -> MediaAsset:
    asset = await own_asset(session, who, asset_id)
    if asset.kind != "video":
        raise NotFound("This file is no video.")
    return asset


async def _record(session: AsyncSession, who: Principal, asset: MediaAsset, action: str, *, before: str) -> None:
    await session.flush()
    was, now = {"status": before}, {"status": asset.status}
    await record(
        session, action=action, actor=who, target_type="media_asset", target_id=asset.id, before=was, after=now
    )


async def work(context: Context, asset_id: uuid.UUID) -> None:
    """The job. What is ready, cancelled or gone meanwhile is left as it is, so twice does no harm."""
    sha256 = await _source_of(context, asset_id)
    if sha256 is None:
        return

    async def report(progress: Progress) -> None:
        values = {"progress_percent": progress.percent, "eta_s": progress.eta_s}
        if not await _write(context, asset_id, **values):
            raise Cancelled

    try:
        async with (
            local_copy(context.settings, object_key(sha256)) as source,
            workplace(context.settings.workplaces_dir, "transcode") as folder,
        ):
            detail = await transcode(context.settings, source, folder, report)
            await _keep(context, asset_id, folder, detail)
    except Cancelled:
        log.info("transcoding cancelled", asset_id=str(asset_id))
    except Failed as error:
        await fail(context, asset_id, str(error))
    except FileNotFoundError:
        await fail(context, asset_id, "The uploaded file is no longer in the store: upload it again.")


async def fail(context: Context, asset_id: uuid.UUID, why: str) -> None:
    """Told to the owner; not tried again by itself."""
    await _write(context, asset_id, status="failed", failure=why, eta_s=None)
    log.warning("transcoding failed", asset_id=str(asset_id), why=why)


async def _source_of(context: Context, asset_id: uuid.UUID) -> str | None:
    """None where there is nothing to do; from here on progress counts from the start again."""
    async with context.sessions.begin() as session:
        statement = select(MediaAsset).where(MediaAsset.id == asset_id).options(selectinload(MediaAsset.object))
        asset = await session.scalar(statement.with_for_update())
        if asset is None or asset.status != "processing" or asset.object is None:
            return None
        asset.progress_percent, asset.eta_s = 0, None
        return asset.object.sha256


async def _write(context: Context, asset_id: uuid.UUID, **values: object) -> bool:
    """False where the video isn't processed any more: cancelled or deleted."""
    async with context.sessions.begin() as session:
        statement = update(MediaAsset).where(MediaAsset.id == asset_id, MediaAsset.status == "processing")
        return bool((await session.execute(statement.values(**values).returning(MediaAsset.id))).scalar())


async def _keep(context: Context, asset_id: uuid.UUID, folder: Path, detail: dict[str, Any]) -> None:
    """The files, then the row, in one transaction. Where nobody wants them any more they go again, by a job."""
    async with context.sessions.begin() as session:
        bundle = await store_bundle(session, context.settings, folder)
        asset = await session.get(MediaAsset, asset_id, with_for_update=True)
        if asset is None or asset.status != "processing":
            await enqueue(session, "remove_unused_files", queue=LIGHT, args={"hashes": [], "bundle": bundle})
            return
        asset.bundle, asset.status, asset.failure = bundle, "ready", None
        asset.progress_percent, asset.eta_s = 100, None
        asset.ready_at = (await session.execute(select(func.now()))).scalar_one()
        asset.duration_s = detail.pop("duration_s")
        asset.detail = {**asset.detail, **detail}
        if asset.detail.get("captions"):
            await read_later(session, asset_id)
        told = {"duration_s": asset.duration_s, "renditions": len(detail["renditions"])}
        await events.record(session, "media.video_ready", subject_id=asset_id, actor_id=None, payload=told)
    log.info("video ready", asset_id=str(asset_id), bundle=bundle)

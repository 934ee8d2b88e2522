"""Jobs that make what was uploaded ready to be shown: packages are unpacked."""

import uuid
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core.errors import ProblemError
from api.core.jobs import Context, task
from api.media.models import MediaAsset
from api.media.package_import import unpacked
from api.media.storage import local_copy, object_key

log = structlog.get_logger()
BROKEN = "It could not be prepared, and the file may be the reason: export it again and upload it again."


async def gave_up(context: Context, *, asset_id: str, **_: Any) -> None:
    async with context.sessions.begin() as session:
        if asset := await waiting(session, asset_id):
            asset.status, asset.failure = "failed", BROKEN


@task(name="import_package", gave_up=gave_up)
async def import_package(context: Context, *, asset_id: str, **_: Any) -> None:
    """Done twice it is the same bundle; an asset that isn't waiting any more is left alone."""
    async with context.sessions.begin() as session:
        asset = await waiting(session, asset_id)
        key = object_key(asset.object.sha256) if asset and asset.object else None
    if key is None:
        return
    try:
        async with context.sessions.begin() as session, local_copy(context.settings, key) as path:
            bundle = await unpacked(session, context.settings, path)
            if asset := await waiting(session, asset_id, lock=True):
                asset.bundle, asset.status, asset.progress_percent = bundle, "ready", 100
                asset.ready_at = datetime.now(UTC)
    except ProblemError as problem:
        async with context.sessions.begin() as session:
            if asset := await waiting(session, asset_id, lock=True):
                asset.status, asset.failure = "failed", problem.detail
        log.info("package refused", asset_id=asset_id, reason=problem.detail)


async def waiting(session: AsyncSession, asset_id: str, *, lock: bool = False) -> MediaAsset | None:
    """The asset while it is being processed: it may have been deleted or cancelled meanwhile."""
    statement = (
        select(MediaAsset)
        .where(MediaAsset.id == uuid.UUID(asset_id), MediaAsset.status == "processing")
        .options(selectinload(MediaAsset.object))
    )
    asset: MediaAsset | None = await session.scalar(statement.with_for_update() if lock else statement)
    return asset

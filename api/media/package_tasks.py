"""Jobs that make ready what was uploaded: packages are unpacked, Office files become PDF."""

import shutil
import uuid
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core.errors import ProblemError
from api.core.jobs import Context, task
from api.media.documents import NO_OFFICE, find_office, is_ready, pages_of, store_pdf, to_pdf
from api.media.models import MediaAsset
from api.media.package_import import unpacked
from api.media.storage import local_copy, object_key
from api.media.workplaces import workplace

log = structlog.get_logger()
BROKEN = "It could not be prepared, and the file may be the reason: export it again and upload it again."


async def gave_up(context: Context, *, asset_id: str, **_: Any) -> None:
    await _failed(context, asset_id, BROKEN)


@task(name="import_package", gave_up=gave_up)
async def import_package(context: Context, *, asset_id: str, **_: Any) -> None:
    """Done twice it is the same bundle; an asset that isn't waiting any more is left alone."""
    given = await _given(context, asset_id)
    if given is None:
        return
    try:
        async with context.sessions.begin() as session, local_copy(context.settings, object_key(given.sha256)) as path:
            bundle = await unpacked(session, context.settings, path)
            if asset := await _waiting(session, asset_id, lock=True):
                asset.bundle = bundle
                await is_ready(session, asset)
    except ProblemError as problem:
        await _failed(context, asset_id, problem.detail)


@task(name="prepare_document", gave_up=gave_up)
async def prepare_document(context: Context, *, asset_id: str, **_: Any) -> None:
    """Without LibreOffice the document stays what it is, to be downloaded, and says so."""
    given, office, settings = await _given(context, asset_id), find_office(), context.settings
    if given is None:
        return
    try:
        async with workplace(settings.workplaces_dir, "document") as folder:
            pdf, more = None, dict[str, Any](note=NO_OFFICE)
            if office:
                async with local_copy(settings, object_key(given.sha256)) as path:
                    document = folder / f"document{Path(given.file_name).suffix.lower()[:8]}"
                    shutil.copyfile(path, document)
                pdf = await to_pdf(office, document, folder)
                more = {"pages": await pages_of(pdf), "converted_from": given.content_type}
            async with context.sessions.begin() as session:
                if asset := await _waiting(session, asset_id, lock=True):
                    asset.detail = {**asset.detail, **more}
                    if pdf:
                        await store_pdf(session, settings, asset, pdf)
                    await is_ready(session, asset)
    except ProblemError as problem:
        await _failed(context, asset_id, problem.detail)


async def _given(context: Context, asset_id: str) -> Any:
    """The stored file of an asset that waits; None where there is nothing to do."""
    async with context.sessions() as session:
        asset = await _waiting(session, asset_id)
        return asset.object if asset else None


async def _failed(context: Context, asset_id: str, reason: str) -> None:
    async with context.sessions.begin() as session:
        if asset := await _waiting(session, asset_id, lock=True):
            asset.status, asset.failure = "failed", reason
            log.info("file refused", asset_id=asset_id, reason=reason)


async def _waiting(session: AsyncSession, asset_id: str, *, lock: bool = False) -> MediaAsset | None:
    """The asset while it is being processed: it may have been deleted or cancelled meanwhile."""
    statement = (
        select(MediaAsset)
        .where(MediaAsset.id == uuid.UUID(asset_id), MediaAsset.status == "processing")
        .options(selectinload(MediaAsset.object))
    )
    asset: MediaAsset | None = await session.scalar(statement.with_for_update(of=MediaAsset) if lock else statement)
    return asset

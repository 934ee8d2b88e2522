"""Storing files that are shown as they are."""

import asyncio
import hashlib
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core.settings import Settings
from api.media.bundles import store_bundle
from api.media.delivery import asset_links, ensure_media_key, signed_path
from api.media.models import MediaAsset, MediaObject
from api.media.publishing import publish_assets
from api.media.storage import object_key, put_file

__all__ = ["asset_links", "ensure_media_key", "publish_assets", "signed_path", "store", "store_bundle"]


async def store(
    session: AsyncSession,
    settings: Settings,
    *,
    path: Path,
    content_type: str,
    file_name: str | None = None,
    duration_s: float | None = None,
) -> MediaAsset:
    """Keep a file, ready to be shown as it is; the same content again is the same asset.

    The bytes come first, then the rows that name them.
    """
    sha256 = await asyncio.to_thread(_sha256, path)
    await put_file(settings, object_key(sha256), path)
    values = {
        "sha256": sha256,
        "content_type": content_type,
        "file_name": file_name or path.name,
        "size_bytes": path.stat().st_size,
        "duration_s": duration_s,
    }
    await session.execute(insert(MediaObject).values(**values).on_conflict_do_nothing(index_elements=["sha256"]))
    kept = (await session.scalars(select(MediaObject).where(MediaObject.sha256 == sha256))).one()
    asset = insert(MediaAsset).values(
        id=kept.id,
        kind=kind_of(content_type),
        status="ready",
        progress_percent=100,
        object_id=kept.id,
        ready_at=func.now(),
        **{name: getattr(kept, name) for name in ("file_name", "content_type", "size_bytes", "duration_s")},
    )
    await session.execute(asset.on_conflict_do_nothing(index_elements=["id"]))
    statement = select(MediaAsset).where(MediaAsset.id == kept.id).options(selectinload(MediaAsset.object))
    return (await session.scalars(statement)).one()


def kind_of(content_type: str) -> str:
    """Of an asset that is shown as it is."""
    family = content_type.partition("/")[0]
    return family if family in ("video", "image") else "document"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""What no asset names any more is removed from the stores, never while somebody is about to name it again."""

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.media.models import BundleFile, MediaAsset, MediaObject
from api.media.storage import bundle_key, object_key, remove


async def hold(session: AsyncSession, name: str) -> None:
    """Nobody else keeps or removes what has this name until this transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"media {name}", 0))))


async def remove_unused(session: AsyncSession, settings: Settings, *, sha256: str) -> bool:
    """Remove an object that no asset names any more, its row too; False where one does."""
    await hold(session, sha256)
    captions = MediaAsset.detail.contains({"captions": [{"sha256": sha256}]})
    shown = MediaAsset.object_id == select(MediaObject.id).where(MediaObject.sha256 == sha256).scalar_subquery()
    for named in (shown, captions):
        if await session.scalar(select(MediaAsset.id).where(named).limit(1)):
            return False
    await session.execute(delete(MediaObject).where(MediaObject.sha256 == sha256))
    await remove(settings, [object_key(sha256)])
    return True


async def remove_unused_bundle(session: AsyncSession, settings: Settings, *, bundle: str) -> bool:
    """The same for a set of files."""
    await hold(session, bundle)
    if await session.scalar(select(MediaAsset.id).where(MediaAsset.bundle == bundle).limit(1)):
        return False
    gone = delete(BundleFile).where(BundleFile.bundle == bundle).returning(BundleFile.path)
    paths = (await session.scalars(gone)).all()
    await remove(settings, [bundle_key(bundle, path) for path in paths])
    return True

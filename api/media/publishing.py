"""What a published course shows is copied to the place of delivery, so that drafts never are there."""

import asyncio
from collections.abc import Iterable

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import Conflict
from api.core.settings import Settings
from api.media.bundles import bundle_paths
from api.media.models import MediaAsset, MediaObject
from api.media.storage import bundle_key, object_key, publish_key

log = structlog.get_logger()
AT_ONCE = 8


class FileMissing(Conflict):
    title = "A file is missing"


async def publish_assets(session: AsyncSession, settings: Settings, assets: Iterable[MediaAsset]) -> int:
    """Copy what these assets show, and all files made from them; gives how many were new there.

    May be repeated: what is there is not copied again. FileMissing where a file is in no store.
    """
    keys: dict[str, MediaAsset] = {}
    for asset in assets:
        keys |= dict.fromkeys(await asset_keys(session, asset), asset)
    gate = asyncio.Semaphore(AT_ONCE)

    async def publish(key: str) -> bool:
        async with gate:
            return await publish_key(settings, key)

    results = await asyncio.gather(*map(publish, keys), return_exceptions=True)
    for asset, result in zip(keys.values(), results, strict=True):
        if isinstance(result, FileNotFoundError):
            raise FileMissing(f"The file {asset.file_name} is no longer in the store: upload it again.")
        if isinstance(result, BaseException):
            raise result
    copied = sum(result is True for result in results)
    log.info("assets published", files=len(keys), copied=copied)
    return copied


async def asset_keys(session: AsyncSession, asset: MediaAsset) -> list[str]:
    """Where an asset's files are in a store; `asset.object` need not be loaded."""
    shown = await session.get(MediaObject, asset.object_id) if asset.object_id else None
    keys = [object_key(shown.sha256)] if shown else []
    keys += [object_key(caption["sha256"]) for caption in asset.detail.get("captions", []) if "sha256" in caption]
    if asset.bundle:
        keys += [bundle_key(asset.bundle, path) for path in await bundle_paths(session, asset.bundle)]
    return keys

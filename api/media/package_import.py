"""From a zip that somebody gave to a package that can be played: looked through at once, unpacked by a job."""

import asyncio
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.jobs import LIGHT, enqueue
from api.core.settings import Settings
from api.media.bundles import store_bundle
from api.media.manifest import Package, read_package
from api.media.models import MediaAsset
from api.media.workplaces import workplace
from api.media.zips import SafeZip


async def package_arrived(session: AsyncSession, settings: Settings, asset: MediaAsset, path: Path) -> None:
    """Refuses what is no package, so that whoever gave it knows at once; nothing is unpacked yet."""
    package = await asyncio.to_thread(look_into, path, asset.file_name)
    asset.detail = {**asset.detail, **package.detail}
    await enqueue(session, "import_package", queue=LIGHT, args={"asset_id": str(asset.id)}, lock=f"asset:{asset.id}")


def look_into(path: Path, file_name: str) -> Package:
    """What the zip holds; ZipRefused or PackageRefused says why it isn't taken."""
    with SafeZip(path) as found:
        return read_package(found, file_name=file_name)


async def unpacked(session: AsyncSession, settings: Settings, path: Path) -> str:
    """The bundle of the zip's files. What is unpacked on the way is gone afterwards, whatever happens."""
    async with workplace(settings.workplaces_dir, "package") as folder:
        await asyncio.to_thread(_unpack, path, folder)
        return await store_bundle(session, settings, folder)


def _unpack(path: Path, folder: Path) -> None:
    with SafeZip(path) as found:
        found.extract(folder)

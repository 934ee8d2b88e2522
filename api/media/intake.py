"""A file that has arrived whole becomes an asset, or is refused and leaves nothing behind."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from api.core import events
from api.core.settings import Settings
from api.identity import audit
from api.identity.rules import Principal
from api.media import transcoding
from api.media.documents import document_arrived
from api.media.leftovers import hold, remove_unused
from api.media.models import MediaAsset, MediaObject, Upload
from api.media.package_import import package_arrived
from api.media.receiving import sha256_of
from api.media.rules import KIND_OF_ROUTE
from api.media.scanner import scan
from api.media.sniff import FileRefused, Sniffed, sniff
from api.media.storage import object_key, put_file

Handler = Callable[[AsyncSession, Settings, MediaAsset, Path], Awaitable[None]]

HANDLERS: dict[str, Handler] = {
    "video": transcoding.begin,
    "package": package_arrived,
    "document": document_arrived,
}
"""By kind of asset. Called in the transaction that inserts the asset, whose `object` is stored; `path` is the file
for as long as the call takes. Enqueue what takes long. A ProblemError refuses the file: nothing of it is kept.
A kind that nobody handles is ready at once.
"""

NAMES = {"video": "a video", "document": "a document", "image": "a picture", "package": "a package"}


class ContentDiffers(FileRefused):
    title = "The file arrived damaged"


async def take_in(
    sessions: async_sessionmaker[AsyncSession], settings: Settings, who: Principal, upload: Upload, path: Path
) -> MediaAsset:
    """Look at it, scan it, keep it, and hand it on by its kind.

    The bytes come first, then the rows that name them; where the rows can't be written the bytes go again.
    """
    sha256 = await sha256_of(path)
    if upload.sha256 and upload.sha256 != sha256:
        raise ContentDiffers("Its SHA-256 is not the one that was told: upload it again.")
    found = await sniff(path)
    if found.kind not in KIND_OF_ROUTE[upload.route]:
        other = next(route for route, kinds in KIND_OF_ROUTE.items() if found.kind in kinds)
        raise FileRefused(f"This is {NAMES[found.kind]} ({found.content_type}): send it to POST /{other}.")
    await scan(settings, path)
    key = object_key(sha256)
    is_new = await put_file(settings, key, path, may_link=True)
    try:
        async with sessions.begin() as session:
            await hold(session, sha256)
            await put_file(settings, key, path, may_link=True)  # where it was removed between the two lines above
            return await _write(session, settings, who, upload, path, sha256, found)
    except BaseException:
        if is_new:
            async with sessions.begin() as session:
                await remove_unused(session, settings, sha256=sha256)
        raise


async def _write(
    session: AsyncSession, settings: Settings, who: Principal, upload: Upload, path: Path, sha256: str, found: Sniffed
) -> MediaAsset:
    facts: dict[str, Any] = {**found.facts}
    values = {
        "content_type": found.content_type,
        "file_name": upload.file_name,
        "size_bytes": upload.size_bytes,
        "duration_s": facts.pop("duration_s", None),
    }
    await session.execute(
        insert(MediaObject).values(sha256=sha256, **values).on_conflict_do_nothing(index_elements=["sha256"])
    )
    stored = (await session.scalars(select(MediaObject).where(MediaObject.sha256 == sha256))).one()
    asset = MediaAsset(
        id=upload.id, owner_id=upload.owner_id, kind=found.kind, status="processing", progress_percent=0, **values
    )
    asset.object, asset.detail = stored, facts
    await session.execute(delete(Upload).where(Upload.id == upload.id))
    session.add(asset)
    await session.flush()
    if handler := HANDLERS.get(found.kind):
        await handler(session, settings, asset, path)
    else:
        asset.status, asset.progress_percent = "ready", 100
        asset.ready_at = (await session.execute(select(func.now()))).scalar_one()
    await session.flush()
    told = {"kind": asset.kind, "content_type": asset.content_type, "size_bytes": asset.size_bytes, "sha256": sha256}
    await events.record(session, "media.asset_uploaded", subject_id=asset.id, actor_id=who.person_id, payload=told)
    await audit.record(
        session, action="media.asset_uploaded", actor=who, target_type="media_asset", target_id=asset.id, after=told
    )
    return asset

"""Files on their way here: begun, continued, given up, or whole. docs/decisions/0007 says why by our own hand.

Bytes may arrive for hours, so these take the maker of sessions: no connection to the database is held meanwhile.
"""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from api.core.errors import Conflict, NotFound, ProblemError
from api.core.settings import Settings
from api.identity.rules import Principal
from api.media import receiving, rules
from api.media.intake import take_in
from api.media.leftovers import hold
from api.media.models import MediaAsset, Upload
from api.media.storage import copy_file

Sessions = async_sessionmaker[AsyncSession]
MOST_UNFINISHED = 100
SPARE_BYTES = 512 * 1024**2
"""Disk that stays free: the database may be on the same one."""

WAIT_S, POLL_S = 5.0, 0.05


class TooLarge(ProblemError):
    status = 413
    title = "The file is too large"


class QuotaExceeded(ProblemError):
    status = 413
    title = "Your space is used up"


class BadUpload(ProblemError):
    status = 400
    title = "The upload can't begin"


class OffsetDiffers(Conflict):
    title = "The upload stands elsewhere"


class UploadExpired(ProblemError):
    status = 410
    title = "The upload has expired"


def staged(settings: Settings, upload_id: uuid.UUID) -> Path:
    return settings.staging_dir / str(upload_id)


async def begin(
    sessions: Sessions,
    settings: Settings,
    who: Principal,
    *,
    upload_id: uuid.UUID,
    route: str,
    size: int | None,
    told: str = "",
    file_name: str | None = None,
    sha256: str | None = None,
) -> Upload:
    """An upload to which nothing has been sent. What can't end well is refused now, not after an hour.

    Without a `size` (a plain body whose length isn't known) the largest is taken for it.
    """
    size = await asyncio.to_thread(_largest, settings) if size is None else size
    if size <= 0:
        raise BadUpload("The file is empty: choose another.")
    if size > settings.upload_max_bytes:
        raise TooLarge(f"A file may have {_human(settings.upload_max_bytes)} at most; this one has {_human(size)}.")
    if sha256 is not None and not rules.is_sha256(sha256):
        raise BadUpload("`sha256` is the hash of the whole file, 64 hexadecimal digits in lower case.")
    if size > await asyncio.to_thread(_free, settings):
        raise receiving.StorageFull("There is no room for this file at the moment: tell the people who run this.")
    upload = Upload(
        id=upload_id,
        owner_id=who.person_id,
        route=route,
        file_name=rules.file_name(file_name),
        size_bytes=size,
        sha256=sha256,
        told=told,
        expires_at=datetime.now(UTC) + timedelta(seconds=settings.upload_ttl_s),
    )
    async with sessions.begin() as session:
        await hold(session, f"quota {who.person_id}")
        await check_quota(session, settings, who, size)
        session.add(upload)
    await asyncio.to_thread(staged(settings, upload.id).touch, 0o600)
    return upload


async def check_quota(session: AsyncSession, settings: Settings, who: Principal, size: int) -> None:
    """What a person has here, and what is on its way, together with this file."""
    kept = select(func.coalesce(func.sum(MediaAsset.size_bytes), 0)).where(MediaAsset.owner_id == who.person_id)
    coming = select(func.coalesce(func.sum(Upload.size_bytes), 0), func.count()).where(Upload.owner_id == who.person_id)
    used = (await session.execute(kept)).scalar_one()
    expected, unfinished = (await session.execute(coming)).one()
    if unfinished >= MOST_UNFINISHED:
        raise QuotaExceeded(f"You have {unfinished} uploads that aren't finished: go on with those first.")
    if used + expected + size > settings.upload_quota_bytes:
        raise QuotaExceeded(
            f"You have {_human(settings.upload_quota_bytes)}, of which {_human(used + expected)} are used or on their"
            f" way: delete files that no course needs, or ask for more."
        )


async def find(
    sessions: Sessions, settings: Settings, who: Principal, route: str, upload_id: uuid.UUID
) -> Upload | MediaAsset:
    """An upload of the caller, or the asset that it has become; another's is none."""
    async with sessions() as session:
        upload = await session.get(Upload, upload_id)
        asset = None if upload else await session.get(MediaAsset, upload_id)
    if asset and asset.owner_id == who.person_id and asset.kind in rules.KIND_OF_ROUTE[route]:
        return asset
    if upload is None or upload.owner_id != who.person_id or upload.route != route:
        raise NotFound("There is no such upload: begin anew.")
    if upload.expires_at < datetime.now(UTC):
        raise UploadExpired("Nobody went on with it for too long: begin anew.")
    if not staged(settings, upload.id).is_file():
        raise NotFound("The upload is no longer here: begin anew.")
    return upload


async def known(sessions: Sessions, who: Principal, upload_id: uuid.UUID) -> MediaAsset | None:
    """The caller's asset of this id, where an earlier call made it; Conflict where the id is another's."""
    async with sessions() as session:
        asset = await session.get(MediaAsset, upload_id)
        upload = await session.get(Upload, upload_id)
    if upload or (asset and asset.owner_id != who.person_id):
        raise Conflict("This id is taken, or its upload still runs: wait, or choose another.")
    return asset


async def stands_at(settings: Settings, upload: Upload | MediaAsset) -> int:
    """How many bytes are there.

    One that is whole and yet no asset (the server was stopped in between, or the scanner was away) is told to lack its
    last byte: so the client sends that again, and its answer says what became of the file.
    """
    if isinstance(upload, MediaAsset):
        return upload.size_bytes
    path = staged(settings, upload.id)
    if path.stat().st_size < upload.size_bytes:
        return path.stat().st_size
    with receiving.locked(path):
        if path.stat().st_nlink > 1:  # the store has it under its hash already, where nobody may write to it
            await asyncio.to_thread(copy_file, path, path)
        os.truncate(path, upload.size_bytes - 1)
    return upload.size_bytes - 1


async def append(
    sessions: Sessions,
    settings: Settings,
    who: Principal,
    upload: Upload,
    body: AsyncIterator[bytes],
    *,
    offset: int,
    length: int | None,
    checksum: tuple[str, bytes] | None = None,
    ends_when_told: bool = True,
) -> tuple[int, MediaAsset | None]:
    """Bytes from `offset` on; gives where it stands now and, once whole, the asset. A refused file is gone."""
    path = staged(settings, upload.id)
    await _await_others(path)
    with receiving.locked(path) as file:
        here = os.fstat(file.fileno()).st_size
        if offset != here:
            raise OffsetDiffers(f"{here} bytes are here: ask by HEAD, and go on from there.")
        room = upload.size_bytes - here
        try:
            if length is not None and length > room:
                raise receiving.TooMuch("More was to come than the upload was said to have: begin anew.")
            size = await receiving.receive(path, file, body, offset=here, room=room, checksum=checksum)
            if not ends_when_told:
                upload.size_bytes = max(1, size)
            if size < upload.size_bytes:
                return size, None
            await asyncio.to_thread(os.fsync, file.fileno())
            asset = await take_in(sessions, settings, who, upload, path)
        except ProblemError as error:
            if _is_final(error):
                await drop(sessions, settings, upload.id)
            raise
        path.unlink(missing_ok=True)
        receiving.forget(path)
        return size, asset


async def receive_whole(
    sessions: Sessions,
    settings: Settings,
    who: Principal,
    upload: Upload,
    body: AsyncIterator[bytes],
    length: int | None,
) -> MediaAsset:
    """A file in one body, such as a script sends; one that is cut off or refused is gone."""
    try:
        size, asset = await append(
            sessions, settings, who, upload, body, offset=0, length=length, ends_when_told=length is not None
        )
        if asset is None:
            raise BadUpload(f"Only {_human(size)} arrived, less than was told: send it again, whole.")
        return asset
    except BaseException:
        await asyncio.shield(drop(sessions, settings, upload.id))
        raise


def _is_final(error: ProblemError) -> bool:
    """Whether this file will never be taken, however often it is sent."""
    return error.status < 500 and not isinstance(error, receiving.UploadSlow | receiving.ChunkDamaged)


async def drop(sessions: Sessions, settings: Settings, upload_id: uuid.UUID) -> None:
    """Its bytes and its row; may be repeated."""
    path = staged(settings, upload_id)
    receiving.give_way(path)
    async with sessions.begin() as session:
        await session.execute(delete(Upload).where(Upload.id == upload_id))
    await asyncio.to_thread(path.unlink, missing_ok=True)
    receiving.forget(path)


async def drop_expired(sessions: Sessions, settings: Settings, *, now: datetime | None = None) -> int:
    """Uploads that nobody goes on with, and files in the folder that belong to none; gives how many."""
    moment = now or datetime.now(UTC)
    async with sessions() as session:
        expired = list(await session.scalars(select(Upload.id).where(Upload.expires_at < moment)))
        known = {str(upload_id) for upload_id in await session.scalars(select(Upload.id))}
    for upload_id in expired:
        await drop(sessions, settings, upload_id)
    return len(expired) + await asyncio.to_thread(_remove_strays, settings, known, moment)


def _remove_strays(settings: Settings, known: set[str], moment: datetime) -> int:
    """What a killed server left: no row names it, and it is as old as an expired upload."""
    removed = 0
    oldest = moment.timestamp() - settings.upload_ttl_s
    for path in settings.staging_dir.glob("*"):
        if path.name not in known and path.stat().st_mtime < oldest:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            removed += 1
    return removed


async def _await_others(path: Path) -> None:
    """A client that comes back means that its earlier connection is lost, even where this server hasn't noticed."""
    receiving.give_way(path)
    for _ in range(int(WAIT_S / POLL_S)):
        try:
            with receiving.locked(path):
                return
        except receiving.UploadLocked:
            await asyncio.sleep(POLL_S)
        except FileNotFoundError:
            raise NotFound("The upload is no longer here: begin anew.") from None


def _free(settings: Settings) -> int:
    """Bytes that an upload may take of the disk."""
    settings.staging_dir.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(settings.staging_dir).free - SPARE_BYTES


def _largest(settings: Settings) -> int:
    return min(settings.upload_max_bytes, _free(settings))


def _human(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size:,} bytes"

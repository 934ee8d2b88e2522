"""A creator's media library: their files, what became of them, and how they go."""

import uuid
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core import events
from api.core.errors import Conflict, NotFound
from api.core.jobs import LIGHT, enqueue
from api.identity import audit
from api.identity.rules import Principal
from api.media.models import MediaAsset, MediaObject

Reader = Callable[[AsyncSession, uuid.UUID, uuid.UUID], Awaitable[bool]]
READERS: list[Reader] = []
"""Asked with an asset's id and a person's, whether the person may see a file that isn't theirs: whoever refers to
assets from above registers here (a course's co-authors do)."""

USES = {
    "module": "a module of a course",
    "course_version": "a course, as its cover",
    "question": "a question",
}


class AssetInUse(Conflict):
    title = "The file is in use"


async def list_assets(
    session: AsyncSession,
    who: Principal,
    *,
    kind: str | None = None,
    search: str = "",
    after: uuid.UUID | None = None,
    limit: int = 30,
) -> tuple[Sequence[MediaAsset], uuid.UUID | None]:
    """The caller's own, newest first, from the one after `after` on; and where the next page begins."""
    order = (MediaAsset.created_at, MediaAsset.id)
    statement = select(MediaAsset).where(MediaAsset.owner_id == who.person_id).options(selectinload(MediaAsset.object))
    if kind:
        statement = statement.where(MediaAsset.kind == kind)
    if search:
        statement = statement.where(MediaAsset.file_name.icontains(search, autoescape=True))
    if after:
        place = select(*order).where(MediaAsset.id == after, MediaAsset.owner_id == who.person_id)
        statement = statement.where(tuple_(*order) < place.scalar_subquery())
    found = (await session.scalars(statement.order_by(*(column.desc() for column in order)).limit(limit + 1))).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def asset_of(session: AsyncSession, who: Principal, asset_id: uuid.UUID) -> MediaAsset:
    """One that the caller may see: their own, or one of a course that they write."""
    statement = select(MediaAsset).where(MediaAsset.id == asset_id).options(selectinload(MediaAsset.object))
    asset = await session.scalar(statement)
    if asset and (asset.owner_id == who.person_id or await _is_shown(session, asset_id, who.person_id)):
        return asset
    raise NotFound("There is no such file, or it isn't yours.")


async def own_asset(session: AsyncSession, who: Principal, asset_id: uuid.UUID) -> MediaAsset:
    """One that the caller may change; locked."""
    statement = select(MediaAsset).where(MediaAsset.id == asset_id, MediaAsset.owner_id == who.person_id)
    asset = await session.scalar(statement.options(selectinload(MediaAsset.object)).with_for_update(of=MediaAsset))
    if asset is None:
        raise NotFound("There is no such file of yours.")
    return asset


async def delete_asset(session: AsyncSession, who: Principal, asset_id: uuid.UUID) -> None:
    """AssetInUse while something shows it. The bytes go by a job, unless another asset has the same."""
    asset = await own_asset(session, who, asset_id)
    told = {"kind": asset.kind, "file_name": asset.file_name, "size_bytes": asset.size_bytes}
    stored = await session.get(MediaObject, asset.object_id) if asset.object_id else None
    hashes = [stored.sha256] if stored else []
    hashes += [caption["sha256"] for caption in asset.detail.get("captions", []) if "sha256" in caption]
    try:
        async with session.begin_nested():
            await session.delete(asset)
            await session.flush()
    except IntegrityError as error:
        raise AssetInUse(f"{_user_of(error)} shows it: take it out there first.") from None
    args = {"hashes": hashes, "bundle": asset.bundle}
    await enqueue(session, "remove_unused_files", queue=LIGHT, args=args)
    await events.record(session, "media.asset_deleted", subject_id=asset_id, actor_id=who.person_id, payload=told)
    await audit.record(
        session, action="media.asset_deleted", actor=who, target_type="media_asset", target_id=asset_id, before=told
    )


async def _is_shown(session: AsyncSession, asset_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    for reads in READERS:
        if await reads(session, asset_id, person_id):
            return True
    return False


def _user_of(error: IntegrityError) -> str:
    """In words, by the table whose row still refers to the asset."""
    table = getattr(getattr(error.orig, "__cause__", None), "table_name", None) or ""
    named = USES.get(table, "something")
    return named[0].upper() + named[1:]

"""Writing a path: its owner's alone. A published one is changed as it is, for all who have not finished it."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.db import new_id
from api.core.errors import Conflict, Forbidden, NotFound, ProblemError
from api.core.jobs import LIGHT, enqueue
from api.courses.models import Course
from api.identity.audit import record
from api.identity.rules import Principal
from api.paths import queries
from api.paths.models import LearningPath, PathItem
from api.paths.schemas import ItemIn, PathIn, PathUpdate

FIELDS = ("title", "summary", "description", "language", "is_ordered")


class PathNotReady(Conflict):
    title = "The path can't be published yet"


class WrongCourses(ProblemError):
    status = 422
    title = "These courses can't be on the path"


async def create_path(session: AsyncSession, who: Principal, *, given: PathIn) -> tuple[LearningPath, bool]:
    """(the path, whether it is new); the same id again is the one that is there."""
    if given.id and (known := await session.get(LearningPath, given.id)):
        if known.owner_id != who.person_id:
            raise Conflict("This id is taken: leave it out, or choose another.")
        return known, False
    path = LearningPath(
        id=given.id or new_id(), owner_id=who.person_id, **{name: getattr(given, name) for name in FIELDS}
    )
    session.add(path)
    await session.flush()
    await _set_items(session, path, given.items)
    return path, True


async def own_path(session: AsyncSession, path_id: uuid.UUID, person_id: uuid.UUID) -> LearningPath:
    path = await session.get(LearningPath, path_id, with_for_update=True)
    if path is None:
        raise NotFound("There is no such path.")
    if path.owner_id != person_id:
        raise Forbidden("Only the owner of a path may do this.")
    return path


async def update_path(session: AsyncSession, who: Principal, *, given: PathUpdate) -> LearningPath:
    """Whoever misses nothing of it any more has finished it, by a job; who finished it before is not asked again."""
    path = await own_path(session, given.path_id, who.person_id)
    await _set_items(session, path, given.items)
    for name in FIELDS:
        setattr(path, name, getattr(given, name))
    path.updated_at = datetime.now(UTC)
    if path.published_at:
        await _check(session, path)
        await enqueue(session, "follow_path", queue=LIGHT, args={"path_id": str(path.id)})
        await _record(session, who, "paths.path_changed", path, items=[str(one.course_id) for one in given.items])
    return path


async def _set_items(session: AsyncSession, path: LearningPath, items: Sequence[ItemIn]) -> None:
    wanted = [item.course_id for item in items]
    if len(set(wanted)) < len(wanted):
        raise WrongCourses("A course is on a path once: take the second one out.")
    had = set(await session.scalars(select(PathItem.course_id).where(PathItem.path_id == path.id)))
    offered = Course.current_version_id.is_not(None) & Course.archived_at.is_(None)
    known = set(await session.scalars(select(Course.id).where(Course.id.in_(wanted), offered)))
    if missing := set(wanted) - had - known:
        raise WrongCourses("Only published courses can be on a path.", missing=sorted(map(str, missing)))
    await session.execute(delete(PathItem).where(PathItem.path_id == path.id))
    session.add_all(
        PathItem(path_id=path.id, course_id=item.course_id, position=at, is_required=item.is_required)
        for at, item in enumerate(items, 1)
    )
    await session.flush()


async def _check(session: AsyncSession, path: LearningPath) -> None:
    items = await items_of(session, path.id)
    if not any(item["is_required"] for item in items):
        raise PathNotReady("Put at least one course on it that its end needs.")
    if gone := [item["title"] for item in items if not item["is_offered"]]:
        raise PathNotReady(f"No longer offered: {', '.join(gone)}. Take it out, or publish it again.")


async def publish_path(session: AsyncSession, who: Principal, *, path_id: uuid.UUID) -> LearningPath:
    """Also brings an archived one back. Published already: nothing changes."""
    path = await own_path(session, path_id, who.person_id)
    if path.state != "published":
        await _check(session, path)
        path.published_at, path.archived_at = path.published_at or datetime.now(UTC), None
        await _record(session, who, "paths.path_published", path)
    return path


async def archive_path(session: AsyncSession, who: Principal, *, path_id: uuid.UUID) -> LearningPath:
    """Nobody new comes; who is on it goes on."""
    path = await own_path(session, path_id, who.person_id)
    if path.archived_at is None:
        path.archived_at = datetime.now(UTC)
        await _record(session, who, "paths.path_archived", path)
    return path


async def _record(session: AsyncSession, who: Principal, action: str, path: LearningPath, **after: Any) -> None:
    told = {"title": path.title, "state": path.state, **after}
    await record(session, action=action, actor=who, target_type="path", target_id=path.id, after=told)


async def authored_paths(reader: AsyncConnection, person_id: uuid.UUID) -> Sequence[RowMapping]:
    return (await reader.execute(queries.AUTHORED, {"person_id": person_id})).mappings().all()


async def items_of(session: AsyncSession, path_id: uuid.UUID) -> Sequence[RowMapping]:
    return (await session.execute(queries.ITEMS, {"path_id": path_id})).mappings().all()


async def told(session: AsyncSession, path: LearningPath) -> dict[str, Any]:
    """The whole path, as its owner edits it."""
    fields = {name: getattr(path, name) for name in ("id", *FIELDS, "state", "updated_at")}
    return {**fields, "items": [dict(item) for item in await items_of(session, path.id)]}

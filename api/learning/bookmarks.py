"""What a person wants to find again: a course, a step of it, or a place in its video."""

import uuid
from collections.abc import Sequence

from sqlalchemy import RowMapping, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.db import new_id
from api.core.errors import NotFound
from api.courses.models import Module
from api.learning.note_models import Bookmark
from api.learning.note_schemas import BookmarkIn
from api.learning.places import COURSE, TITLES, step

MOST = 2000
BOOKMARKS = text(
    f"""
    select x.course_id, v.title as course_title, m.id as module_id,
        m.title as module_title, coalesce(m.is_here, x.stem_id is null) as is_there,
        x.at_s::float8 as at_s, x.created_at
    from bookmark x {TITLES}
    where x.person_id = :person_id and (cast(:course_id as uuid) is null or x.course_id = :course_id)
    order by x.created_at desc, x.id desc limit :most
    """  # noqa: S608 (our own words)
)


async def set_bookmark(session: AsyncSession, *, person_id: uuid.UUID, given: BookmarkIn) -> None:
    """A course that is offered, or a place in one that the person learns; twice is once."""
    stem_id = None
    asked = {"person_id": person_id, "course_id": given.course_id}
    course = (await session.execute(COURSE, asked)).one_or_none()
    if course is None or not (course.is_offered or course.is_learner):
        raise NotFound("There is no such course; GET /courses lists those that are.")
    if given.module_id is not None:
        at = await step(session, person_id=person_id, module_id=given.module_id)
        if at.course_id != given.course_id:
            raise NotFound("This course has no such module.")
        stem_id = at.stem_id
    values = {"person_id": person_id, "course_id": given.course_id, "stem_id": stem_id}
    at_s = given.at_s if stem_id else None
    await session.execute(insert(Bookmark).values(id=new_id(), **values, at_s=at_s).on_conflict_do_nothing())


async def delete_bookmark(session: AsyncSession, *, person_id: uuid.UUID, given: BookmarkIn) -> None:
    """Exactly this place; what is not there is gone already."""
    stem_id = select(Module.stem_id).where(Module.id == given.module_id).scalar_subquery() if given.module_id else None
    await session.execute(
        delete(Bookmark).where(
            Bookmark.person_id == person_id,
            Bookmark.course_id == given.course_id,
            Bookmark.stem_id.is_not_distinct_from(stem_id),
            Bookmark.at_s.is_not_distinct_from(given.at_s),
        )
    )


async def bookmarks(
    reader: AsyncConnection | AsyncSession, *, person_id: uuid.UUID, course_id: uuid.UUID | None = None
) -> Sequence[RowMapping]:
    """The newest first."""
    asked = {"person_id": person_id, "course_id": course_id, "most": MOST}
    return (await reader.execute(BOOKMARKS, asked)).mappings().all()

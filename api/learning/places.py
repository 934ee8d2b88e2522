"""Where in a course somebody writes: the step that a module is, for who learns it or wrote the course."""

import uuid
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import NotFound

LEARNS = """
    exists (select from enrollment e where e.course_id = c.id and e.person_id = :person_id and e.withdrawn_at is null)
"""
WRITES = """
    (c.owner_id = :person_id
        or exists (select from course_author a where a.course_id = c.id and a.person_id = :person_id))
"""
STEP = text(
    f"""
    select c.id as course_id, m.stem_id, {WRITES} as is_author
    from module m
    join course_version v on v.id = m.version_id and v.published_at is not null
    join course c on c.id = v.course_id
    where m.id = :module_id and ({LEARNS} or {WRITES})
    """  # noqa: S608 (our own words)
)
COURSE = text(
    f"""
    select {LEARNS} as is_learner, {WRITES} as is_author, c.current_version_id is not null as is_offered
    from course c where c.id = :course_id
    """  # noqa: S608 (our own words)
)
TITLES = """
    join course c on c.id = x.course_id
    left join enrollment e on e.person_id = :person_id and e.course_id = c.id and e.withdrawn_at is null
    join lateral (
        select o.title from course_version o where o.course_id = c.id and o.published_at is not null
        order by (o.id = coalesce(e.version_id, c.current_version_id)) desc nulls last, o.number desc limit 1
    ) v on true
    left join lateral (
        select m.id, m.title, coalesce(o.id = coalesce(e.version_id, c.current_version_id), false) as is_here
        from module m
        join course_version o on o.id = m.version_id and o.course_id = c.id and o.published_at is not null
        where m.stem_id = x.stem_id
        order by 3 desc, o.number desc limit 1
    ) m on true
"""
"""Of rows x with a place: what course and step are called for the reader. A step that their version has no more keeps
its last title."""


@dataclass(frozen=True, slots=True)
class Step:
    course_id: uuid.UUID
    stem_id: uuid.UUID
    is_author: bool


async def step(reader: AsyncConnection | AsyncSession, *, person_id: uuid.UUID, module_id: uuid.UUID) -> Step:
    """For who learns the course now, or is one of its authors; nobody else is told that it is there."""
    asked = {"person_id": person_id, "module_id": module_id}
    row = (await reader.execute(STEP, asked)).mappings().one_or_none()
    if row is None:
        raise NotFound("No course that you learn has such a module: POST /enroll first, then GET /course-content.")
    return Step(**row)

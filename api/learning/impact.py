"""Whom a new version of a course touches: learners in flight, those who finished, and who has to do what again."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.changes import Change, Document, changes, is_material, must_redo
from api.courses.documents import document
from api.courses.models import CourseVersion
from api.courses.versions import load_version

LEARNERS = text(
    """
    select version_id, count(*) filter (where completed_at is null) as in_flight, count(completed_at) as completed
    from enrollment where course_id = :course_id and withdrawn_at is null group by version_id
    """
)
REDOING = text(
    """
    select count(distinct e.id) from enrollment e
    join module_progress p on p.enrollment_id = e.id and p.completed_at is not null
    join module m on m.id = p.module_id and m.stem_id = any(:redo)
    where e.version_id = :version_id and e.withdrawn_at is null and e.completed_at is null
    """
).bindparams(bindparam("redo", type_=ARRAY(Uuid)))


@dataclass(frozen=True, slots=True)
class FromVersion:
    """The learners of one older version, and what the new one is to them."""

    version_id: uuid.UUID
    in_flight: int
    completed: int
    redo: set[uuid.UUID]
    is_material: bool


@dataclass(frozen=True, slots=True)
class Impact:
    is_first: bool
    changes: list[Change] = field(default_factory=list)
    is_material: bool = False
    learners: list[FromVersion] = field(default_factory=list)
    redoing: int = 0

    def out(self) -> dict[str, Any]:
        retaking = sum(one.completed for one in self.learners if one.is_material)
        return {
            "is_first": self.is_first,
            "in_flight": sum(one.in_flight for one in self.learners),
            "completed": sum(one.completed for one in self.learners),
            "must_retake": retaking + self.redoing,
            "changes": [change.out() for change in self.changes],
            "is_material": self.is_material,
        }


async def impact_of(session: AsyncSession, version: CourseVersion) -> Impact:
    """Of publishing this draft. Changes are told against the version that is published, or was the last."""
    before = await _version_before(session, version)
    if before is None:
        return Impact(is_first=True)
    new = document(version)
    learners, redoing = [], 0
    for row in (await session.execute(LEARNERS, {"course_id": version.course_id})).all():
        old = await _document(session, version, row.version_id)
        redo = must_redo(old, new)
        learners.append(FromVersion(row.version_id, row.in_flight, row.completed, redo, is_material(old, new)))
        if redo and row.in_flight:
            asked = {"version_id": row.version_id, "redo": list(redo)}
            redoing += (await session.execute(REDOING, asked)).scalar_one()
    old = await _document(session, version, before)
    return Impact(False, changes(old, new), is_material(old, new), learners, redoing)


async def _version_before(session: AsyncSession, version: CourseVersion) -> uuid.UUID | None:
    if current := version.course.current_version_id:
        return current
    published = select(CourseVersion.id).where(
        CourseVersion.course_id == version.course_id, CourseVersion.published_at.is_not(None)
    )
    newest: uuid.UUID | None = await session.scalar(published.order_by(CourseVersion.number.desc()).limit(1))
    return newest


async def _document(session: AsyncSession, version: CourseVersion, version_id: uuid.UUID) -> Document:
    old = await load_version(session, version_id)
    old.course = version.course
    return document(old)

"""What a course's page shows one person: the version they learn with, or would, and how far they are in it."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core.errors import NotFound
from api.courses.models import Course, CourseVersion
from api.learning import queries
from api.learning.models import Enrollment
from api.learning.schemas import LiveOut, live_of
from api.media.models import MediaAsset
from api.people.models import Person

STEPS = text(
    """
    select m.id, m.section_id, m.kind, m.title, m.duration_s, m.settings, coalesce(p.percent, 0) as percent,
        p.completed_at is not null as is_done, p.updated_at
    from module m left join module_progress p on p.module_id = m.id and p.enrollment_id = :enrollment_id
    where m.version_id = :version_id order by m.position
    """
)

PREREQUISITES = text(
    """
    select c.id as course_id, coalesce(v.title, c.slug) as title,
        v.id is not null and c.archived_at is null as is_offered,
        exists (
            select from enrollment e
            where e.person_id = :person_id and e.course_id = c.id and e.completed_at is not null
        ) as is_done
    from course_version asked, unnest(asked.prerequisite_ids) with ordinality needed (course_id, place)
    join course c on c.id = needed.course_id left join course_version v on v.id = c.current_version_id
    where asked.id = :version_id order by needed.place
    """
)

NUMBER = select(CourseVersion.number)


@dataclass(frozen=True, slots=True)
class Step:
    """One module and how far the person is in it; `live` of a live session."""

    id: uuid.UUID
    section_id: uuid.UUID | None
    kind: str
    title: str
    duration_s: int
    percent: int
    is_done: bool
    live: LiveOut | None


@dataclass(frozen=True, slots=True)
class MyCourse:
    """`upcoming` is the step to go on with, None where all are done; `newer` the number of a later version."""

    course: Course
    version: CourseVersion
    owner: str
    enrollment: Enrollment | None
    steps: list[Step]
    upcoming: Step | None
    left_s: int
    newer: int | None
    prerequisites: list[dict[str, Any]]
    is_offered: bool

    @property
    def parts(self) -> list[tuple[str, list[Step]]]:
        """(heading or "", its steps) in order."""
        titles = {section.id: section.title for section in self.version.sections}
        found: list[tuple[str, list[Step]]] = []
        last: object = None
        for step in self.steps:
            if not found or step.section_id != last:
                found.append((titles.get(step.section_id, "") if step.section_id else "", []))
            last = step.section_id
            found[-1][1].append(step)
        return found

    @property
    def lacks(self) -> bool:
        """Whether another course is to be finished before enrolling."""
        return any(not one["is_done"] for one in self.prerequisites)


async def my_course(session: AsyncSession, *, person_id: uuid.UUID, course_id: uuid.UUID) -> MyCourse:
    """Of a published course, or of one that is no longer offered where the person is or was enrolled in it or asks."""
    mine = select(Enrollment).filter_by(person_id=person_id, course_id=course_id, withdrawn_at=None)
    enrollment: Enrollment | None = await session.scalar(mine)
    course = await session.get(Course, course_id)
    if course is None or not await session.scalar(queries.WAS_PUBLISHED, {"course_id": course_id}):
        raise NotFound("There is no published course with this id; GET /courses lists them.")
    version = await _version(session, course, enrollment)
    found = (
        (
            await session.execute(
                STEPS, {"version_id": version.id, "enrollment_id": enrollment.id if enrollment else None}
            )
        )
        .mappings()
        .all()
    )
    steps = [_step(dict(row)) for row in found]
    asked = {"person_id": person_id, "version_id": course.current_version_id or version.id}
    needed = [dict(row) for row in (await session.execute(PREREQUISITES, asked)).mappings()]
    owner = await session.get_one(Person, course.owner_id)
    newer = None
    if course.current_version_id not in (None, version.id):
        newer = await session.scalar(NUMBER.where(CourseVersion.id == course.current_version_id))
    begun = [row for row in found if not row["is_done"] and row["percent"] > 0]
    upcoming = max(begun, key=lambda row: row["updated_at"])["id"] if begun else None
    return MyCourse(
        course=course,
        version=version,
        owner=owner.display_name,
        enrollment=enrollment,
        steps=steps,
        upcoming=next((one for one in steps if one.id == upcoming or (upcoming is None and not one.is_done)), None),
        left_s=sum(round(one.duration_s * (100 - one.percent) / 100) for one in steps if not one.is_done),
        newer=newer,
        prerequisites=needed,
        is_offered=course.current_version_id is not None and course.archived_at is None,
    )


async def _version(session: AsyncSession, course: Course, enrollment: Enrollment | None) -> CourseVersion:
    """The enrollment's, else the current one, else the last that was published."""
    wanted = enrollment.version_id if enrollment else course.current_version_id
    statement = select(CourseVersion).where(CourseVersion.course_id == course.id)
    if wanted:
        statement = statement.where(CourseVersion.id == wanted)
    else:
        statement = statement.where(CourseVersion.published_at.is_not(None)).order_by(CourseVersion.number.desc())
    loaded = statement.limit(1).options(
        selectinload(CourseVersion.sections),
        selectinload(CourseVersion.cover).selectinload(MediaAsset.object),
    )
    return (await session.scalars(loaded)).one()


def _step(row: dict[str, Any]) -> Step:
    live = live_of(row["settings"]) if row["kind"] == "live" else None
    names = ("id", "section_id", "kind", "title", "duration_s", "percent", "is_done")
    return Step(**{name: row[name] for name in names}, live=live)

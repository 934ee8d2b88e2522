"""A course's seats: whoever begins takes one, and one that is free again goes to the first who waits.

Counted under a lock of the course's row, so that the last seat is never given twice.
"""

import uuid
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.db import new_id
from api.courses.models import Course
from api.learning.models import Enrollment
from api.learning.request_models import ENROLLED, EnrollmentRequest

LOCK = {"key_share": True}
"""FOR NO KEY UPDATE: of two who lock a course one waits, while all who enrol elsewhere go on."""

HERE = "select w.person_id from works_here((now() at time zone 'UTC')::date) w"
TAKEN_OF = f"""
    select count(*) from enrollment t where t.course_id = c.id and t.completed_at is null and t.withdrawn_at is null
    and t.person_id in ({HERE})
"""  # noqa: S608 (our own words)
"""Seats taken in the course `c`: neither finished nor given back, by people who still work here."""

TAKEN = text(f"select ({TAKEN_OF}) from course c where c.id = :course_id")  # noqa: S608
WAITING = text(
    f"""
    select id from enrollment_request where course_id = :course_id and status = 'waiting' and person_id in ({HERE})
    order by waiting_since, id limit cast(:free as int) for update
    """  # noqa: S608
)


async def enrollment_of(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID) -> Enrollment | None:
    """The one that is not withdrawn."""
    found: Enrollment | None = await session.scalar(
        select(Enrollment).where(
            Enrollment.person_id == person_id, Enrollment.course_id == course_id, Enrollment.withdrawn_at.is_(None)
        )
    )
    return found


async def begin(
    session: AsyncSession, *, person_id: uuid.UUID, course: Course, now: datetime
) -> tuple[Enrollment, bool]:
    """(the person's enrollment, whether it is new), in the version that is current now."""
    values = {
        "id": new_id(),
        "person_id": person_id,
        "course_id": course.id,
        "version_id": course.current_version_id,
        "enrolled_at": now,
    }
    statement = insert(Enrollment).values(values).on_conflict_do_nothing().returning(Enrollment.id)
    is_new = await session.scalar(statement) is not None  # else a second click was faster
    if is_new:
        payload = {
            "enrollment_id": str(values["id"]),
            "course_id": str(course.id),
            "version_id": str(values["version_id"]),
        }
        await events.record(
            session, "learning.enrolled", subject_id=person_id, actor_id=person_id, payload=payload, occurred_at=now
        )
    enrollment = await enrollment_of(session, person_id, course.id)
    assert enrollment is not None
    return enrollment, is_new


async def free_seats(session: AsyncSession, course: Course) -> int | None:
    """None: no limit. The caller has locked the course."""
    if course.capacity is None:
        return None
    taken: int = (await session.execute(TAKEN, {"course_id": course.id})).scalar_one()
    return max(0, course.capacity - int(taken))


async def fill(session: AsyncSession, course: Course, now: datetime) -> int:
    """Free seats go to those who wait, in their order; how many. The caller has locked the course."""
    if course.current_version_id is None or course.archived_at:
        return 0
    free = await free_seats(session, course)
    ids = list((await session.scalars(WAITING, {"course_id": course.id, "free": free})).all()) if free != 0 else []
    for request_id in ids:
        request = await session.get_one(EnrollmentRequest, request_id, populate_existing=True)
        request.status = ENROLLED
        await begin(session, person_id=request.person_id, course=course, now=now)
        if request.waiting_since != now:  # who was approved this moment hears that alone
            await tell(session, "learning.enrollment_promoted", request, None, now)
    return len(ids)


async def tell(
    session: AsyncSession, event: str, request: EnrollmentRequest, actor_id: uuid.UUID | None, now: datetime
) -> None:
    """A fact about a request. It names no enrollment: it is none, so no report counts it."""
    payload = {"request_id": str(request.id), "course_id": str(request.course_id)}
    await events.record(
        session, event, subject_id=request.person_id, actor_id=actor_id, payload=payload, occurred_at=now
    )

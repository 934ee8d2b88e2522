"""An author's say about who may begin and how many at once; what they allow happens at once."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.authors import authored_course
from api.courses.limits import limits, set_limits
from api.courses.models import Course
from api.identity.audit import record
from api.identity.rules import Principal
from api.learning.request_models import PENDING, WAITING, EnrollmentRequest
from api.learning.request_schemas import CourseSettingsIn
from api.learning.seats import TAKEN_OF, fill

COUNTS = text(
    f"""
    select ({TAKEN_OF}) as seats_taken, count(r.id) filter (where r.status = 'waiting') as waiting_count,
        count(r.id) filter (where r.status = 'pending_approval') as pending_count
    from course c left join enrollment_request r on r.course_id = c.id where c.id = :course_id group by c.id
    """  # noqa: S608 (our own words)
)


async def course_settings(session: AsyncSession, *, course_id: uuid.UUID, author_id: uuid.UUID) -> dict[str, Any]:
    return await _told(session, await authored_course(session, course_id, author_id))


async def change_settings(
    session: AsyncSession, who: Principal, *, given: CourseSettingsIn, now: datetime
) -> dict[str, Any]:
    """More seats go to the first who wait; without approval nobody waits for a yes any more. Fewer seats take none
    away.
    """
    course, before = await set_limits(session, author_id=who.person_id, **given.model_dump())
    if not course.needs_approval:
        asked = (EnrollmentRequest.course_id == course.id, EnrollmentRequest.status == PENDING)
        values = {"status": WAITING, "waiting_since": EnrollmentRequest.requested_at}
        await session.execute(update(EnrollmentRequest).where(*asked).values(values))
    await fill(session, course, now)
    told, after = await _told(session, course), limits(course)
    if after != before:
        await record(
            session,
            action="courses.settings_changed",
            actor=who,
            target_type="course",
            target_id=course.id,
            before=before,
            after=after,
        )
    return told


async def _told(session: AsyncSession, course: Course) -> dict[str, Any]:
    counts = (await session.execute(COUNTS, {"course_id": course.id})).one()
    return {"course_id": course.id, **limits(course), **counts._mapping}

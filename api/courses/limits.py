"""What a course asks of who comes: seats, the manager's yes, and how long its certificates are good for."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.authors import authored_course
from api.courses.models import Course

LIMITS = ("capacity", "needs_approval", "certificate_valid_months")


def limits(course: Course) -> dict[str, int | bool | None]:
    return {name: getattr(course, name) for name in LIMITS}


async def set_limits(
    session: AsyncSession,
    *,
    course_id: uuid.UUID,
    author_id: uuid.UUID,
    capacity: int | None,
    needs_approval: bool,
    certificate_valid_months: int | None,
) -> tuple[Course, dict[str, int | bool | None]]:
    """(the course, locked; what it asked before)"""
    course = await authored_course(session, course_id, author_id, lock=True)
    before = limits(course)
    course.capacity, course.needs_approval = capacity, needs_approval
    course.certificate_valid_months = certificate_valid_months
    await session.flush()
    return course, before

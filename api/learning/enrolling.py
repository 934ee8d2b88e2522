"""Who may begin a course and when: at once, after their manager's yes, or when a seat is free; and giving it back."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.db import new_id
from api.core.errors import Conflict, NotFound
from api.courses.models import Course
from api.credentials.service import ended
from api.learning import queries
from api.learning.models import Enrollment
from api.learning.request_models import ENROLLED, OPEN, PENDING, WAITING, WITHDRAWN, EnrollmentRequest
from api.learning.seats import LOCK, begin, enrollment_of, fill, free_seats, tell

Exempt = Callable[[AsyncSession, uuid.UUID, uuid.UUID], Awaitable[bool]]
EXEMPTIONS: list[Exempt] = []
"""Asked (session, person, course) whether somebody may begin whatever the course's limits say; who knows adds itself:
an obligation must be possible to fulfil. Asked only of courses with limits.
"""


class EnrollmentClosed(Conflict):
    title = "Enrollment is closed"


class PrerequisitesMissing(Conflict):
    title = "Other courses come first"


class FinishedStays(Conflict):
    title = "A finished course stays"


async def enroll(
    session: AsyncSession, *, person_id: uuid.UUID, course_id: uuid.UUID, now: datetime | None = None
) -> tuple[Enrollment | EnrollmentRequest, bool]:
    """(the person's enrollment, or the request that waits for a yes or a seat; whether it is new).

    Who finished it, and must take it again since it changed or because the certificate ends, begins anew, past all
    limits: the old enrollment keeps its certificate.
    """
    moment = now or datetime.now(UTC)
    known = await enrollment_of(session, person_id, course_id)
    if known and not await _begins_anew(session, known, moment):
        return known, False
    course = await _open_course(session, person_id, course_id)
    if known:
        known.withdrawn_at = moment
        await session.flush()
    elif course.needs_approval or course.capacity is not None:
        held = await _hold(session, person_id, course, now)
        if held:
            return held
    return await begin(session, person_id=person_id, course=course, now=moment)


async def _begins_anew(session: AsyncSession, known: Enrollment, now: datetime) -> bool:
    if known.retake_version_id is not None:
        return True
    return known.completed_at is not None and await ended(session, known.id, now)


async def _open_course(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID) -> Course:
    """The lock waits for a publishing that is under way, so that nobody begins with what is old in a moment."""
    course = await session.get(Course, course_id, with_for_update={"read": True, "key_share": True})
    if course is None:
        raise NotFound("There is no published course with this id; GET /courses lists them.")
    if course.current_version_id is None or course.archived_at:
        if await session.scalar(queries.WAS_PUBLISHED, {"course_id": course_id}):
            raise EnrollmentClosed("This course is no longer offered: GET /courses lists those that are.")
        raise NotFound("There is no published course with this id; GET /courses lists them.")
    asked = {"person_id": person_id, "version_id": course.current_version_id}
    missing = [dict(row) for row in (await session.execute(queries.MISSING_PREREQUISITES, asked)).mappings()]
    if missing:
        titles = ", ".join(one["title"] for one in missing)
        raise PrerequisitesMissing(f"Finish this first: {titles}.", missing=missing)
    return course


async def _hold(
    session: AsyncSession, person_id: uuid.UUID, course: Course, asked_at: datetime | None
) -> tuple[Enrollment | EnrollmentRequest, bool] | None:
    """What keeps this person from beginning now; None: nothing does, and a request that was open is answered."""
    await session.refresh(course, with_for_update=LOCK)
    now = asked_at or datetime.now(UTC)  # under the lock: the list is in the order in which places were given
    await fill(session, course, now)  # who waits comes before who comes now
    known = await open_request(session, person_id, course.id)
    for is_exempt in EXEMPTIONS:
        if await is_exempt(session, person_id, course.id):
            if known:
                known.status = ENROLLED
            return None
    if known:
        return known, False
    if enrollment := await enrollment_of(session, person_id, course.id):
        return enrollment, False
    if course.needs_approval:
        return await _request(session, person_id, course.id, PENDING, now)
    if await free_seats(session, course) == 0:
        return await _request(session, person_id, course.id, WAITING, now)
    return None


async def open_request(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID) -> EnrollmentRequest | None:
    statement = select(EnrollmentRequest).where(
        EnrollmentRequest.person_id == person_id,
        EnrollmentRequest.course_id == course_id,
        EnrollmentRequest.status.in_(OPEN),
    )
    found: EnrollmentRequest | None = await session.scalar(statement.execution_options(populate_existing=True))
    return found


async def _request(
    session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID, status: str, now: datetime
) -> tuple[EnrollmentRequest, bool]:
    values = {
        "id": new_id(),
        "person_id": person_id,
        "course_id": course_id,
        "status": status,
        "requested_at": now,
        "waiting_since": now if status == WAITING else None,
    }
    statement = insert(EnrollmentRequest).values(values).on_conflict_do_nothing().returning(EnrollmentRequest.id)
    is_new = await session.scalar(statement) is not None
    request = await open_request(session, person_id, course_id)
    assert request is not None
    if is_new:
        event = "learning.enrollment_waitlisted" if status == WAITING else "learning.enrollment_requested"
        await tell(session, event, request, person_id, now)
    return request, is_new


async def withdraw(
    session: AsyncSession, *, person_id: uuid.UUID, course_id: uuid.UUID, now: datetime | None = None
) -> bool:
    """Whether there was something to give back: the enrollment, or the wish for one. The seat goes to the first who
    waits. What was done is kept with the old enrollment; enrolling again begins anew.
    """
    moment = now or datetime.now(UTC)
    course = await session.get(Course, course_id, with_for_update=LOCK)
    if course is None:
        raise NotFound("There is no such course.")
    if request := await open_request(session, person_id, course_id):
        request.status = WITHDRAWN
        await tell(session, "learning.withdrawn", request, person_id, moment)
    known = await enrollment_of(session, person_id, course_id)
    if known:
        await session.refresh(known, with_for_update=True)
        if known.completed_at:
            raise FinishedStays("You finished this course: it stays in your record, with its certificate.")
        known.withdrawn_at = moment
        ids = {"enrollment_id": str(known.id), "course_id": str(course_id), "version_id": str(known.version_id)}
        await events.record(
            session, "learning.withdrawn", subject_id=person_id, actor_id=person_id, payload=ids, occurred_at=moment
        )
        await session.flush()
        await fill(session, course, moment)
    return bool(request or known)

"""Requests to learn: how a person stands with a course, what waits for whose decision, and deciding."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import Conflict, NotFound, ProblemError
from api.courses.models import Course
from api.identity.audit import record
from api.identity.rules import Principal
from api.learning.enrolling import EnrollmentClosed
from api.learning.request_models import DECLINED, OPEN, PENDING, WAITING, WITHDRAWN, EnrollmentRequest
from api.learning.seats import LOCK, TAKEN_OF, fill, tell
from api.people.sight import DECIDES_FOR, decider

Reader = AsyncConnection | AsyncSession
POSITION = """
    case when r.status = 'waiting' then (
        select count(*) from enrollment_request o where o.course_id = r.course_id and o.status = 'waiting'
        and (o.waiting_since, o.id) <= (r.waiting_since, r.id)
    ) end as position
"""
STATE = text(
    f"""
    select c.capacity, c.needs_approval, e.id as enrollment_id, e.completed_at, r.status, r.requested_at, r.reason,
        (select count(*) from enrollment_request o where o.course_id = c.id and o.status = 'waiting') as waiting_count,
        case when c.capacity is not null then greatest(0, c.capacity - ({TAKEN_OF})) end as seats_left, {POSITION}
    from course c
    left join enrollment e on e.course_id = c.id and e.person_id = :person_id and e.withdrawn_at is null
    left join lateral (
        select * from enrollment_request where person_id = :person_id and course_id = c.id
        order by requested_at desc, id desc limit 1
    ) r on true
    where c.id = :course_id
    """  # noqa: S608 (our own words)
)
FIELDS = f"""
    r.id, r.person_id, p.display_name as person_name, r.course_id, coalesce(v.title, c.slug) as course_title, r.status,
    r.reason, r.requested_at, r.decided_at, {POSITION}
"""
FROM = """
    enrollment_request r join person p on p.id = r.person_id join course c on c.id = r.course_id
    left join course_version v on v.id = c.current_version_id
"""
UNITS = bindparam("units", type_=ARRAY(Uuid))
MINE = text(
    f"""
    select {FIELDS}, null as via, null::int as depth, null as on_behalf_of_name from {FROM}
    where r.person_id = :me and (r.status in ('waiting', 'pending_approval')
        or (r.status = 'declined' and r.decided_at > now() - interval '30 days' and not exists (
            select from enrollment_request later where later.person_id = r.person_id
            and later.course_id = r.course_id and later.requested_at > r.requested_at)))
    order by r.requested_at, r.id
    """  # noqa: S608
)
TO_DECIDE = text(
    f"""
    select {FIELDS}, d.via, d.depth, b.display_name as on_behalf_of_name
    from {FROM} join ({DECIDES_FOR}) d on d.person_id = r.person_id left join person b on b.id = d.on_behalf_of
    where r.status = 'pending_approval' order by d.depth nulls last, r.requested_at, r.id limit 500
    """  # noqa: S608
).bindparams(UNITS, bindparam("me", type_=Uuid))
MAY_DECIDE = text(f"select exists (select from ({DECIDES_FOR}) d where d.person_id = :person_id)").bindparams(  # noqa: S608
    UNITS, bindparam("me", type_=Uuid)
)


class DecidedOtherwise(Conflict):
    title = "It is decided already"


class NothingToDecide(Conflict):
    title = "There is nothing to decide any more"


class ReasonMissing(ProblemError):
    status = 422
    title = "Say why"


@dataclass(frozen=True, slots=True)
class EnrollmentState:
    """How a person stands with a course. `status`: enrolled, completed, waiting, pending_approval, declined (the last
    answer, with its `reason`), or None. `seats_left` and `capacity` are None where everybody may.
    """

    status: str | None
    position: int | None
    requested_at: datetime | None
    reason: str
    capacity: int | None
    seats_left: int | None
    waiting_count: int
    needs_approval: bool


async def state_of(reader: Reader, person_id: uuid.UUID, course_id: uuid.UUID) -> EnrollmentState:
    row = (await reader.execute(STATE, {"person_id": person_id, "course_id": course_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such course.")
    status = "completed" if row.completed_at else "enrolled" if row.enrollment_id else None
    if status is None and row.status in (*OPEN, DECLINED):
        status = row.status
    is_asked = status in (*OPEN, DECLINED)
    return EnrollmentState(
        status=status,
        position=row.position,
        requested_at=row.requested_at if is_asked else None,
        reason=row.reason if status == DECLINED else "",
        capacity=row.capacity,
        seats_left=row.seats_left,
        waiting_count=row.waiting_count,
        needs_approval=row.needs_approval,
    )


async def held(reader: Reader, request: EnrollmentRequest) -> dict[str, Any]:
    """An open request as who made it hears of it."""
    state = await state_of(reader, request.person_id, request.course_id)
    told = {"request_id": request.id, "course_id": request.course_id, "requested_at": request.requested_at}
    return {**told, "status": request.status, "position": state.position}


async def my_requests(reader: Reader, person_id: uuid.UUID) -> list[dict[str, Any]]:
    """The open ones, oldest first; and what was declined in the last 30 days and not asked again."""
    return [dict(row) for row in (await reader.execute(MINE, {"me": person_id})).mappings()]


async def to_decide(reader: Reader, who: Principal) -> list[dict[str, Any]]:
    """What waits for the caller's yes or no, of their direct reports first."""
    return [dict(row) for row in (await reader.execute(TO_DECIDE, decider(who))).mappings()]


async def decide(
    session: AsyncSession, who: Principal, *, request_id: uuid.UUID, is_approved: bool, reason: str
) -> EnrollmentRequest:
    """Approved, it gets a seat or a place in the waiting list. The same decision again changes nothing."""
    request = await session.get(EnrollmentRequest, request_id)
    if request is None or not await session.scalar(MAY_DECIDE, {**decider(who), "person_id": request.person_id}):
        raise NotFound("There is no such request of somebody whom you lead: it may be in another team by now.")
    course = await session.get_one(Course, request.course_id, with_for_update=LOCK)
    await session.refresh(request, with_for_update=True)
    now = datetime.now(UTC)
    if request.status != PENDING:
        return _decided(request, is_approved=is_approved)
    if not is_approved and not reason.strip():
        raise ReasonMissing("Give a reason: it is the first thing that they will ask you.")
    if is_approved and (course.current_version_id is None or course.archived_at):
        raise EnrollmentClosed("This course is no longer offered: decline, and say so.")
    request.decided_by, request.decided_at, request.reason = who.person_id, now, reason.strip()
    request.status, request.waiting_since = (WAITING, now) if is_approved else (DECLINED, None)
    event = "learning.enrollment_approved" if is_approved else "learning.enrollment_declined"
    await tell(session, event, request, who.person_id, now)
    await fill(session, course, now)
    if request.status == WAITING:
        await tell(session, "learning.enrollment_waitlisted", request, None, now)
    after = {"request_id": request.id, "course_id": request.course_id, "status": request.status}
    await record(
        session,
        action="learning.enrollment_approved" if is_approved else "learning.enrollment_declined",
        actor=who,
        target_type="person",
        target_id=request.person_id,
        after=after,
    )
    return request


def _decided(request: EnrollmentRequest, *, is_approved: bool) -> EnrollmentRequest:
    if request.decided_at is None:
        what = "They took it back." if request.status == WITHDRAWN else "They don't need a decision any more."
        raise NothingToDecide(what)
    if (request.status != DECLINED) != is_approved:
        said = "declined" if request.status == DECLINED else "approved"
        raise DecidedOtherwise(f"It was {said} already: talk to each other, then they ask again or withdraw.")
    return request

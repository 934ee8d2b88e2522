"""Who need not fulfil a requirement: decided by an officer, with a reason and, mostly, an end."""

import uuid
from datetime import UTC, date, datetime

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from api.compliance.models import Requirement, Waiver
from api.compliance.service import OFFICER
from api.core import events
from api.core.errors import Conflict, Forbidden, NotFound
from api.identity import audit
from api.identity.rules import Principal
from api.people.service import check_within, lock_person, within

# What was known until now, as a row of its own; the waiver keeps its id.
KEEP = text(
    """
    insert into waiver
        (person_id, requirement_id, reason, approved_by, valid_from, valid_to, recorded_at, superseded_at)
    select person_id, requirement_id, reason, approved_by, valid_from, valid_to, recorded_at, now()
    from waiver where id = :id
    """
)


def _today() -> date:
    return datetime.now(UTC).date()


async def waive(
    session: AsyncSession,
    who: Principal,
    *,
    person_id: uuid.UUID,
    requirement_id: uuid.UUID,
    reason: str,
    until: date | None = None,
) -> Waiver:
    """From today through `until`, or for good. The same again is the one that is there; another end or reason while
    one holds is refused: end that one first.
    """
    if person_id == who.person:
        raise Forbidden("Nobody waives their own duty: ask another officer.")
    await check_within(session, who, person_id, OFFICER)
    await lock_person(session, person_id)
    requirement = await session.scalar(
        select(Requirement).where(Requirement.id == requirement_id, Requirement.superseded_at.is_(None))
    )
    if requirement is None:
        raise NotFound("There is no such requirement.")
    ends = date.fromordinal(until.toordinal() + 1) if until else None
    known = await session.scalar(
        _holding().where(Waiver.person_id == person_id, Waiver.requirement_id == requirement_id)
    )
    if known is not None:
        if (known.reason, known.valid_to) == (reason, ends):
            return known
        raise Conflict("This person is waived already: end that waiver before you give another one.")
    made = Waiver(
        person_id=person_id,
        requirement_id=requirement_id,
        reason=reason,
        approved_by=who.account_id,
        valid_from=_today(),
        valid_to=ends,
    )
    session.add(made)
    await session.flush()
    await _tell(session, "compliance.waived", who, made, requirement.course_id)
    return made


def _holding() -> Select[Waiver]:
    """Those that hold today or will."""
    return select(Waiver).where(
        Waiver.superseded_at.is_(None),
        func.coalesce(Waiver.valid_to > _today(), True),
    )


async def end_waiver(session: AsyncSession, who: Principal, waiver_id: uuid.UUID) -> Waiver:
    """It is owed again from today on; ended already: no change."""
    one = await session.scalar(select(Waiver).where(Waiver.id == waiver_id, Waiver.superseded_at.is_(None)))
    if one is None:
        raise NotFound("There is no such waiver.")
    if one.person_id == who.person:
        raise Forbidden("Another officer decides about your own duties.")
    await check_within(session, who, one.person_id, OFFICER)
    await lock_person(session, one.person_id)
    await session.refresh(one)
    if one.valid_to is not None and one.valid_to <= _today():
        return one
    await session.execute(KEEP, {"id": one.id})
    one.valid_to, one.recorded_at = max(_today(), one.valid_from), datetime.now(UTC)
    await session.flush()
    course_id = await session.scalar(select(Requirement.course_id).where(Requirement.id == one.requirement_id))
    await _tell(session, "compliance.waiver_ended", who, one, course_id)
    return one


async def waivers(session: AsyncSession, who: Principal, *, requirement_id: uuid.UUID | None = None) -> list[Waiver]:
    """That hold today, of the people whom the caller reaches; the newest first."""
    statement = _holding().where(within(Waiver.person_id, who.reach(OFFICER, "auditor")))
    if requirement_id:
        statement = statement.where(Waiver.requirement_id == requirement_id)
    statement = statement.options(joinedload(Waiver.person, innerjoin=True))
    return list(await session.scalars(statement.order_by(Waiver.recorded_at.desc(), Waiver.id)))


async def _tell(session: AsyncSession, action: str, who: Principal, one: Waiver, course_id: uuid.UUID | None) -> None:
    """The reason stays out of the audit log and the events: it may be about health."""
    payload = {"requirement_id": str(one.requirement_id), "course_id": str(course_id), "waiver_id": str(one.id)}
    payload |= {"valid_to": one.valid_to.isoformat() if one.valid_to else ""}
    await events.record(session, action, subject_id=one.person_id, actor_id=who.person, payload=payload)
    await audit.record(session, action=action, actor=who, target_type="person", target_id=one.person_id, after=payload)

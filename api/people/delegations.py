"""A manager lets somebody act for them until a moment: they then see whom the manager sees, and hand nothing on."""

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from api.core.db import new_id
from api.core.errors import NotFound, ProblemError
from api.identity.audit import record
from api.identity.rules import Principal
from api.people.models import Delegation
from api.people.service import colleague, lock_person

LONGEST = timedelta(days=366)
LEADS_SOMEBODY = text("select exists (select from led_by(:person, (now() at time zone 'UTC')::date))")


class DelegationRefused(ProblemError):
    status = 422
    title = "This can't be delegated"


async def leads_somebody(session: AsyncSession, person_id: uuid.UUID) -> bool:
    return bool(await session.scalar(LEADS_SOMEBODY, {"person": person_id}))


async def delegate(
    session: AsyncSession, who: Principal, *, person_id: uuid.UUID | None, email: str | None, until: datetime
) -> tuple[Delegation, bool]:
    """(what lets this colleague act for the caller, whether it is new); another end replaces the one there is."""
    now, me = datetime.now(UTC), who.person_id
    other = await colleague(session, person_id=person_id, email=email)
    if other.id == me:
        raise DelegationRefused("You act for yourself already: name somebody else.")
    if not now < until <= now + LONGEST:
        raise DelegationRefused("Give an end in the future, at most a year from now.")
    if not await leads_somebody(session, me):
        raise DelegationRefused("Nobody reports to you today, so there is nothing to hand over.")
    await lock_person(session, me)
    pair = (Delegation.delegator_id == me, Delegation.delegate_id == other.id)
    known = await session.scalar(_live(now).where(*pair))
    if known and known.valid_until == until:
        return known, False
    if known:
        known.ended_at = now
    made = Delegation(id=new_id(), delegator_id=me, delegate_id=other.id, valid_from=now, valid_until=until)
    session.add(made)
    after = {"delegation_id": made.id, "delegator_id": me, "valid_until": until, "replaces": known and known.id}
    await record(
        session, action="people.delegation_made", actor=who, target_type="person", target_id=other.id, after=after
    )
    return (await session.scalars(_live(now).where(Delegation.id == made.id))).one(), True


def _live(now: datetime) -> Select[Delegation]:
    return (
        select(Delegation)
        .where(Delegation.ended_at.is_(None), Delegation.valid_until > now)
        .options(joinedload(Delegation.delegator, innerjoin=True), joinedload(Delegation.delegate, innerjoin=True))
    )


async def delegations(session: AsyncSession, person_id: uuid.UUID) -> list[Delegation]:
    """Live ones that this person gave or got, the earliest end first."""
    theirs = or_(Delegation.delegator_id == person_id, Delegation.delegate_id == person_id)
    statement = _live(datetime.now(UTC)).where(theirs).order_by(Delegation.valid_until, Delegation.id)
    return list(await session.scalars(statement))


async def end_delegation(session: AsyncSession, who: Principal, delegation_id: uuid.UUID) -> None:
    """By either of the two, or an officer of the whole company; twice is harmless."""
    found = await session.get(Delegation, delegation_id, with_for_update=True)
    is_theirs = found is not None and who.person in (found.delegator_id, found.delegate_id)
    if found is None or not (is_theirs or who.reach("officer").everyone):
        raise NotFound("There is no such delegation of yours.")
    if found.ended_at is None:
        found.ended_at = datetime.now(UTC)
        before = {"delegation_id": found.id, "delegator_id": found.delegator_id, "valid_until": found.valid_until}
        await record(
            session,
            action="people.delegation_ended",
            actor=who,
            target_type="person",
            target_id=found.delegate_id,
            before=before,
        )

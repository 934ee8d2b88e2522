"""A second manager of a person, beside the hierarchy: they see this person, and nobody below."""

import uuid
from datetime import UTC, date, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from api.core.db import new_id
from api.core.errors import NotFound, ProblemError
from api.identity.audit import record
from api.identity.rules import Principal
from api.people.models import DottedLine
from api.people.service import check_within, lock_person, within

RESPONSIBLE = ("officer", "hr_data")


class LineRefused(ProblemError):
    status = 422
    title = "This line can't be drawn"


async def draw_line(
    session: AsyncSession,
    who: Principal,
    *,
    person_id: uuid.UUID,
    manager_id: uuid.UUID,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> tuple[DottedLine, bool]:
    """(the line between two who work here, whether it is new); `valid_to` is exclusive, None is without end.

    Another time replaces the line there is.
    """
    today = datetime.now(UTC).date()
    first = valid_from or today
    if person_id == manager_id:
        raise LineRefused("Nobody is their own manager.")
    if manager_id == who.person:  # HR data would see by it what their role doesn't show
        raise LineRefused("Nobody draws a line to themselves: ask another officer or HR data.")
    if valid_to and valid_to <= max(first, today):
        raise LineRefused("Give an end after today and after the first day, or none.")
    await check_within(session, who, person_id, *RESPONSIBLE)
    await lock_person(session, person_id)
    known = await session.scalar(
        _known(today).where(DottedLine.person_id == person_id, DottedLine.manager_id == manager_id)
    )
    if known and (known.valid_from, known.valid_to) == (valid_from or known.valid_from, valid_to):
        return known, False
    if known:
        known.superseded_at = datetime.now(UTC)
    made = DottedLine(id=new_id(), person_id=person_id, manager_id=manager_id, valid_from=first, valid_to=valid_to)
    session.add(made)
    after = {"person_id": person_id, "manager_id": manager_id, "valid_from": first, "valid_to": valid_to}
    await record(
        session,
        action="people.dotted_line_drawn",
        actor=who,
        target_type="person",
        target_id=person_id,
        before={"valid_from": known.valid_from, "valid_to": known.valid_to} if known else None,
        after=after,
    )
    return (await session.scalars(_known(today).where(DottedLine.id == made.id))).one(), True


def _known(today: date) -> Select[DottedLine]:
    """Lines of today and later."""
    return (
        select(DottedLine)
        .where(DottedLine.superseded_at.is_(None), or_(DottedLine.valid_to.is_(None), DottedLine.valid_to > today))
        .options(joinedload(DottedLine.person, innerjoin=True), joinedload(DottedLine.manager, innerjoin=True))
    )


async def dotted_lines(
    session: AsyncSession,
    who: Principal,
    *,
    person_id: uuid.UUID | None = None,
    manager_id: uuid.UUID | None = None,
) -> list[DottedLine]:
    """Of today and later, the newest first; of people whom the caller's roles reach."""
    statement = _known(datetime.now(UTC).date()).order_by(DottedLine.recorded_at.desc(), DottedLine.id)
    statement = statement.where(within(DottedLine.person_id, who.reach(*RESPONSIBLE)))
    if person_id:
        statement = statement.where(DottedLine.person_id == person_id)
    if manager_id:
        statement = statement.where(DottedLine.manager_id == manager_id)
    return list(await session.scalars(statement))


async def end_line(session: AsyncSession, who: Principal, line_id: uuid.UUID) -> None:
    """From today on it is no more; what it was stays known. Twice is harmless."""
    found = await session.get(DottedLine, line_id, with_for_update=True)
    if found is None:
        raise NotFound("There is no such line.")
    await check_within(session, who, found.person_id, *RESPONSIBLE)
    today = datetime.now(UTC).date()
    if found.superseded_at or (found.valid_to and found.valid_to <= today):
        return
    found.superseded_at = datetime.now(UTC)
    if found.valid_from < today:
        session.add(
            DottedLine(
                id=new_id(),
                person_id=found.person_id,
                manager_id=found.manager_id,
                valid_from=found.valid_from,
                valid_to=today,
            )
        )
    before = {"manager_id": found.manager_id, "valid_from": found.valid_from, "valid_to": found.valid_to}
    await record(
        session,
        action="people.dotted_line_ended",
        actor=who,
        target_type="person",
        target_id=found.person_id,
        before=before,
    )

"""Reminders that a manager or an officer sends: each person hears of a course at most once a day, whoever asks."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.compliance.obligations import Obligation, obligations
from api.identity.audit import record
from api.identity.rules import Principal
from api.notifications.put import Draft, put
from api.people.seats import by_row, sees
from api.reports.reminder_schemas import ReminderIn, RemindersOut

SOON = timedelta(days=14)
KIND = "reminded"

SEND = text(
    """
    insert into reminder (person_id, course_id, sent_on, sent_by_id, due_on)
    select o.person_id, o.course_id, :today, :sender, o.due_on
    from unnest(cast(:people as uuid[]), cast(:courses as uuid[]), cast(:due as date[]))
        o (person_id, course_id, due_on)
    on conflict do nothing
    returning person_id, course_id
    """
)
NAME = text("select display_name from person where id = :id")


async def remind(
    session: AsyncSession, sight: AsyncConnection, who: Principal, items: Sequence[ReminderIn]
) -> RemindersOut:
    """Of what is overdue, or due within 14 days, for people whom the caller of `sight` sees; the rest is left out.

    Again on the same UTC day it sends nothing.
    """
    today = datetime.now(UTC).date()
    wanted = {(one.person_id, one.course_id) for one in items}
    await by_row(sight)
    people = await sees(sight, {person for person, _ in wanted if person != who.person})
    owed = [one for person in sorted(people) for one in await _urgent(session, person, wanted, today)]
    sent = await _written(session, who, owed, today)
    new = [one for one in owed if (one.person_id, one.course_id) in sent]
    sender = await session.scalar(NAME, {"id": who.person}) if who.person else None
    await put(session, [_draft(one, sender, today) for one in new])
    for one in new:
        about = {"course_id": one.course_id, "due_on": one.due_on}
        await record(
            session,
            action="reports.reminder_sent",
            actor=who,
            target_type="person",
            target_id=str(one.person_id),
            after=about,
        )
    return RemindersOut(sent=len(new), already_today=len(owed) - len(new), not_due=len(wanted) - len(owed))


async def _urgent(
    session: AsyncSession, person_id: uuid.UUID, wanted: set[tuple[uuid.UUID, uuid.UUID]], today: date
) -> list[Obligation]:
    """One a course, the earliest due: they come in that order."""
    first: dict[uuid.UUID, Obligation] = {}
    for one in await obligations(session, person_id=person_id, on=today):
        if one.is_open() and one.due_on <= today + SOON and (person_id, one.course_id) in wanted:
            first.setdefault(one.course_id, one)
    return list(first.values())


async def _written(
    session: AsyncSession, who: Principal, owed: list[Obligation], today: date
) -> set[tuple[uuid.UUID, uuid.UUID]]:
    given: dict[str, Any] = {
        "people": [one.person_id for one in owed],
        "courses": [one.course_id for one in owed],
        "due": [one.due_on for one in owed],
        "today": today,
        "sender": who.account_id,
    }
    return {(row.person_id, row.course_id) for row in await session.execute(SEND, given)}


def _draft(one: Obligation, sender: str | None, today: date) -> Draft:
    facts = {"course_id": one.course_id, "title": one.title, "due_on": one.due_on, "name": sender}
    return Draft(KIND, one.person_id, f"{one.course_id} {today}", datetime.now(UTC), facts)

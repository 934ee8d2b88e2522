"""Who a notification is for: how they are written to, when, and whether they work here."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.i18n import Wording, is_time_zone, languages
from api.notifications.hours import Times
from api.notifications.models import NotificationChoice, NotificationTimes
from api.notifications.rules import Choice, presence
from api.people.models import Employment, Person
from api.people.preferences import preferences_of


@dataclass(frozen=True, slots=True)
class Reader:
    """`first_day` is still to come; `works_here` is false for who left."""

    id: uuid.UUID
    name: str
    address: str | None
    wording: Wording
    times: Times
    choices: dict[str, Choice]
    works_here: bool
    first_day: date | None


async def wording_of(session: AsyncSession | AsyncConnection, person_id: uuid.UUID, default_zone: str) -> Wording:
    """English, and the company's time zone, for who chose nothing."""
    chosen = await preferences_of(session, person_id)
    zone = chosen.time_zone if chosen.time_zone and is_time_zone(chosen.time_zone) else default_zone
    return Wording(chosen.language if chosen.language in languages() else "en", zone)


async def times_of(session: AsyncSession | AsyncConnection, person_id: uuid.UUID) -> Times:
    table = NotificationTimes.__table__.c
    columns = [table[name] for name in Times.__dataclass_fields__]
    row = (await session.execute(select(*columns).where(table.person_id == person_id))).one_or_none()
    return Times(**row._mapping) if row else Times()


async def choices_of(session: AsyncSession | AsyncConnection, person_id: uuid.UUID) -> dict[str, Choice]:
    asked = select(NotificationChoice.kind, NotificationChoice.app, NotificationChoice.mail)
    rows = await session.execute(asked.where(NotificationChoice.person_id == person_id))
    return {row.kind: Choice(row.app, row.mail) for row in rows}


async def reader_of(session: AsyncSession, person_id: uuid.UUID, *, default_zone: str, now: datetime) -> Reader:
    person = await session.get_one(Person, person_id)
    told = await wording_of(session, person_id, default_zone)
    spans = select(Employment.started_on, Employment.ended_on).where(Employment.person_id == person_id)
    employments = [(row.started_on, row.ended_on) for row in await session.execute(spans)]
    works_here, first_day = presence(employments, now.astimezone(told.zone).date())
    return Reader(
        id=person_id,
        name=person.display_name,
        address=person.email,
        wording=told,
        times=await times_of(session, person_id),
        choices=await choices_of(session, person_id),
        works_here=works_here,
        first_day=first_day,
    )

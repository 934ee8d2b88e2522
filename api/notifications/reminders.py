"""What no event says: due dates, sessions and expiries that come near. Asked anew each hour, told once a step."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.models import Requirement
from api.compliance.obligations import Obligation, obligations
from api.core.i18n import Wording
from api.notifications.put import Draft, put
from api.notifications.rules import EXPIRY_DAYS, NEWS_DAYS, before_due, overdue_week
from api.people.models import PersonSetting

MORNING = 7
"""Reminders of a day begin at this hour of the reader's clock, also for who has no quiet hours."""

SINCE = text("select since from notification_watermark where name = 'event'")
SESSIONS = text(
    """
    select e.person_id, m.id as module_id, m.version_id, m.stem_id, m.title as session, m.settings as live,
        v.course_id, v.title
    from module m join course_version v on v.id = m.version_id
    join enrollment e on e.version_id = m.version_id and e.withdrawn_at is null
    left join module_progress p on p.enrollment_id = e.id and p.module_id = m.id
    where m.kind = 'live' and p.completed_at is null
    and (m.settings ->> 'starts_at')::timestamptz between :now and cast(:now as timestamptz) + interval '48 hours'
    """
)
EXPIRING = text(
    """
    select c.id, c.person_id, c.course_id, c.path_id, c.course_title as title, c.code, c.issued_at, c.expires_at
    from certificate c
    where c.revoked_at is null
    and c.expires_at between :now and cast(:now as timestamptz) + make_interval(days => :days)
    and not exists (
        select from certificate newer where newer.person_id = c.person_id and newer.revoked_at is null
        and newer.course_id is not distinct from c.course_id and newer.path_id is not distinct from c.path_id
        and newer.issued_at > c.issued_at
    )
    """
)


@dataclass(frozen=True, slots=True)
class Clock:
    """Each person's day."""

    now: datetime
    zones: dict[uuid.UUID, str]
    default: str

    def today(self, person_id: uuid.UUID) -> date | None:
        """None as long as it is too early there."""
        local = self.now.astimezone(self.zone(person_id))
        return local.date() if local.hour >= MORNING else None

    def zone(self, person_id: uuid.UUID) -> ZoneInfo:
        return Wording(time_zone=self.zones.get(person_id) or self.default).zone


async def remind(session: AsyncSession, *, default_zone: str, now: datetime | None = None) -> int:
    """How many reminders are new."""
    moment = now or datetime.now(UTC)
    chosen = select(PersonSetting.person_id, PersonSetting.time_zone).where(PersonSetting.time_zone.is_not(None))
    zones = {row.person_id: row.time_zone for row in await session.execute(chosen)}
    clock = Clock(moment, zones, default_zone)
    since: datetime = (await session.execute(SINCE)).scalar_one()
    known = select(Requirement.id, Requirement.recorded_at).where(Requirement.superseded_at.is_(None))
    recorded = {row.id: row.recorded_at for row in await session.execute(known)}
    owed = _strictest(await obligations(session, on=moment.date()))
    return await put(
        session,
        [
            *(draft for one in owed for draft in _of_obligation(one, clock, recorded, since)),
            *_of_sessions([dict(row) for row in (await session.execute(SESSIONS, {"now": moment})).mappings()], clock),
            *_of_expiring((await session.execute(EXPIRING, {"now": moment, "days": EXPIRY_DAYS[0]})).all(), clock),
        ],
    )


def _strictest(found: list[Obligation]) -> list[Obligation]:
    """One a person and course, of open ones: the earliest due (they come in that order)."""
    first: dict[tuple[uuid.UUID, uuid.UUID], Obligation] = {}
    for one in found:
        if one.is_open():
            first.setdefault((one.person_id, one.course_id), one)
    return list(first.values())


def _of_obligation(
    one: Obligation, clock: Clock, recorded: dict[uuid.UUID, datetime], since: datetime
) -> Iterator[Draft]:
    today = clock.today(one.person_id)
    if today is None:
        return
    facts = {"course_id": one.course_id, "title": one.title, "due_on": one.due_on}
    known_on = max(one.assigned_on, recorded[one.requirement_id].date())
    is_new = known_on >= max(since.date(), today - timedelta(days=NEWS_DAYS))
    if is_new and one.due_on >= today and one.assigned_on <= today:
        yield Draft("assigned", one.person_id, str(one.requirement_id), clock.now, facts)
    step = before_due(one.due_on, today, known_on if is_new else one.assigned_on)
    if step is not None:
        yield Draft("due_soon", one.person_id, f"{one.course_id} {one.due_on} {step}", clock.now, facts)
    week = overdue_week(one.due_on, today)
    if week is not None:
        yield Draft("overdue", one.person_id, f"{one.course_id} {one.due_on} {week}", clock.now, facts)


def _of_sessions(found: list[dict[str, Any]], clock: Clock) -> Iterator[Draft]:
    """Once, on the day before by the reader's clock; a session at another time is another one."""
    for row in found:
        person_id, starts_at = row.pop("person_id"), datetime.fromisoformat(row["live"]["starts_at"])
        today = clock.today(person_id)
        if today and starts_at.astimezone(clock.zone(person_id)).date() == today + timedelta(days=1):
            subject = f"{row.pop('stem_id')} {starts_at.astimezone(UTC).isoformat()}"
            yield Draft("live_tomorrow", person_id, subject, clock.now, row)


def _of_expiring(found: Any, clock: Clock) -> Iterator[Draft]:
    for row in found:
        today = clock.today(row.person_id)
        ends_on = row.expires_at.astimezone(clock.zone(row.person_id)).date()
        step = before_due(ends_on, today, row.issued_at.date(), EXPIRY_DAYS) if today else None
        if step is not None:
            facts = {"course_id": row.course_id, "path_id": row.path_id, "title": row.title, "code": row.code}
            yield Draft("certificate_expires", row.person_id, f"{row.id} {step}", clock.now, facts | {"on": ends_on})

"""Reports that come by themselves, as their owner makes, changes, pauses and deletes them."""

import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import Conflict, NotFound, ProblemError
from api.core.settings import Settings
from api.identity.audit import record
from api.identity.models import Account
from api.identity.rules import Principal
from api.people.models import Person
from api.people.preferences import preferences_of
from api.people.seats import by_row, sees
from api.reports.schedule_models import ReportDelivery, ReportSchedule
from api.reports.schedule_rules import Rhythm, next_due
from api.reports.schedule_schemas import DeliveryOut, LastOut, ScheduleIn, ScheduleOut
from api.reports.schedule_targets import MAIL, offered
from api.reports.schemas import Ref

MOST = 50
"""Of one owner."""


class NotForThem(ProblemError):
    status = 422
    title = "It can't be sent there"


class NameTaken(Conflict):
    title = "You have a schedule of this name"


class TooMany(Conflict):
    title = "You have as many schedules as there may be"


def rhythm_of(schedule: ReportSchedule) -> Rhythm:
    return Rhythm(schedule.at, ZoneInfo(schedule.time_zone), schedule.weekday, schedule.day)


async def make(
    session: AsyncSession, sight: AsyncConnection, settings: Settings, who: Principal, wanted: ScheduleIn
) -> ReportSchedule:
    """The same posted again is the one that there is; another one of its name is refused."""
    await session.execute(select(Account.id).where(Account.id == who.account_id).with_for_update(key_share=True))
    values = await _values(session, sight, settings, who, wanted)
    known = await session.scalar(_own(who).where(ReportSchedule.name == wanted.name))
    if known and all(getattr(known, name) == value for name, value in values.items()):
        return known
    await _check_name(session, who, wanted.name, None)
    count = select(func.count()).where(ReportSchedule.account_id == who.account_id)
    if (await session.scalar(count) or 0) >= MOST:
        raise TooMany(f"{MOST} at most: delete one that you need no longer.")
    made = ReportSchedule(account_id=who.account_id, roles=sorted(who.roles), **values)
    made.next_at = next_due(rhythm_of(made), datetime.now(UTC))
    session.add(made)
    await session.flush()
    await _record(session, who, made, "made")
    return made


async def change(
    session: AsyncSession,
    sight: AsyncConnection,
    settings: Settings,
    who: Principal,
    schedule_id: uuid.UUID,
    wanted: ScheduleIn,
) -> ReportSchedule:
    """As a whole, from the next due time on, in the roles of now; the same again changes nothing."""
    schedule = await own(session, who, schedule_id, is_changed=True)
    values = await _values(session, sight, settings, who, wanted)
    values |= {"roles": sorted(who.roles)}
    before = {name: getattr(schedule, name) for name in values}
    if before == values:
        return schedule
    await _check_name(session, who, wanted.name, schedule_id)
    for name, value in values.items():
        setattr(schedule, name, value)
    if schedule.next_at:
        schedule.next_at = next_due(rhythm_of(schedule), datetime.now(UTC))
    await session.flush()
    await _record(session, who, schedule, "changed", before=before)
    return schedule


async def pause(session: AsyncSession, who: Principal, schedule_id: uuid.UUID, *, is_paused: bool) -> ReportSchedule:
    """What would be due meanwhile is never made up for. Again changes nothing."""
    schedule = await own(session, who, schedule_id, is_changed=True)
    if is_paused == (schedule.next_at is None):
        return schedule
    schedule.next_at = None if is_paused else next_due(rhythm_of(schedule), datetime.now(UTC))
    schedule.problem = None
    await _record(session, who, schedule, "paused" if is_paused else "resumed")
    return schedule


async def remove(session: AsyncSession, who: Principal, schedule_id: uuid.UUID) -> None:
    """Files that it made stay in the history of reports. What waits to be sent isn't."""
    schedule = await session.scalar(_own(who).where(ReportSchedule.id == schedule_id).with_for_update())
    if schedule is None:
        return
    await session.delete(schedule)
    await _record(session, who, schedule, "deleted")


async def own(
    session: AsyncSession, who: Principal, schedule_id: uuid.UUID, *, is_changed: bool = False
) -> ReportSchedule:
    asked = _own(who).where(ReportSchedule.id == schedule_id)
    schedule: ReportSchedule | None = await session.scalar(asked.with_for_update() if is_changed else asked)
    if schedule is None:
        raise NotFound("You have no schedule with this id.")
    return schedule


async def all_of(session: AsyncSession, who: Principal) -> Sequence[ReportSchedule]:
    """By name."""
    return (await session.scalars(_own(who).order_by(ReportSchedule.name))).all()


def _own(who: Principal) -> Select[ReportSchedule]:
    """Made by the caller, as somebody who could do no more than they can now."""
    return select(ReportSchedule).where(
        ReportSchedule.account_id == who.account_id, ReportSchedule.roles.contained_by(sorted(who.roles))
    )


async def _values(
    session: AsyncSession, sight: AsyncConnection, settings: Settings, who: Principal, wanted: ScheduleIn
) -> dict[str, Any]:
    """Columns; refuses who isn't the caller's to see, and targets that aren't for them."""
    recipients = sorted(set(wanted.recipients))
    if not recipients and not wanted.targets:
        recipients = [who.person_id]
    if set(recipients) - await _permitted(sight, who, recipients):
        raise NotForThem("recipients: choose people whom you may see, or yourself.")
    known = {target.name for target in offered(settings, who.roles)}
    if set(wanted.targets) - known:
        raise NotForThem("targets: choose of GET /report-targets; whoever runs Praxis can add one.")
    zone = wanted.time_zone or (who.person and (await preferences_of(session, who.person)).time_zone)
    return {
        "name": wanted.name,
        "question": wanted.question.model_dump(mode="json", exclude_defaults=True),
        "every": wanted.every,
        "at": wanted.clock,
        "weekday": wanted.weekday,
        "day": wanted.day,
        "time_zone": zone or settings.time_zone,
        "recipients": recipients,
        "targets": sorted(set(wanted.targets)),
    }


async def _permitted(sight: AsyncConnection, who: Principal, people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Of these, the caller themselves and whom they see now."""
    others = {one for one in people if one != who.person}
    if others:
        await by_row(sight)
        others = await sees(sight, others)
    return others | ({who.person} & set(people) if who.person else set())


async def _check_name(session: AsyncSession, who: Principal, name: str, but: uuid.UUID | None) -> None:
    taken = select(ReportSchedule.id).where(ReportSchedule.account_id == who.account_id, ReportSchedule.name == name)
    if (found := await session.scalar(taken)) and found != but:
        raise NameTaken("Change that one, or give this one another name.")


async def _record(
    session: AsyncSession,
    who: Principal,
    schedule: ReportSchedule,
    what: str,
    *,
    before: dict[str, Any] | None = None,
) -> None:
    told = ("question", "every", "at", "weekday", "day", "time_zone", "recipients", "targets")
    await record(
        session,
        action=f"reports.schedule_{what}",
        actor=who,
        target_type="report_schedule",
        target_id=schedule.id,
        before=before and {name: before[name] for name in told},
        after=None if what == "deleted" else {name: getattr(schedule, name) for name in told},
    )


async def told(
    session: AsyncSession, sight: AsyncConnection, who: Principal, schedules: Sequence[ReportSchedule]
) -> list[ScheduleOut]:
    """With what became of each one's newest due time, of people whom the caller may see now."""
    people = await _names(session, await _permitted(sight, who, {one for each in schedules for one in each.recipients}))
    newest = (ReportDelivery.schedule_id == ReportSchedule.id, ReportDelivery.due_at == ReportSchedule.last_due_at)
    asked = (
        select(ReportDelivery, Account.person_id)
        .join(ReportSchedule, newest[0] & newest[1])
        .join(Account, Account.id == ReportDelivery.account_id)
        .where(ReportSchedule.id.in_([one.id for one in schedules]))
        .order_by(ReportDelivery.target, ReportDelivery.id)
    )
    deliveries: dict[uuid.UUID, list[DeliveryOut]] = {}
    for one, person_id in await session.execute(asked):
        if to := one.target if one.target != MAIL else people.get(person_id or one.account_id):
            deliveries.setdefault(one.schedule_id, []).append(_delivery(one, to))
    return [_out(one, people, deliveries.get(one.id, [])) for one in schedules]


async def _names(session: AsyncSession, people: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = await session.execute(select(Person.id, Person.display_name).where(Person.id.in_(people)))
    return {row.id: row.display_name for row in rows}


def _delivery(one: ReportDelivery, to: str) -> DeliveryOut:
    return DeliveryOut(
        to=to,
        target=one.target,
        state=one.state,
        problem=one.problem,
        attempts=one.attempts,
        next_try_at=one.next_at if one.state == "waiting" and one.attempts else None,
        finished_at=one.finished_at,
    )


def _out(one: ReportSchedule, people: dict[uuid.UUID, str], deliveries: list[DeliveryOut]) -> ScheduleOut:
    recipients = [Ref(id=person, name=people[person]) for person in one.recipients if person in people]
    return ScheduleOut.model_validate(
        {
            **{name: getattr(one, name) for name in ("id", "name", "question", "every", "weekday", "day", "time_zone")},
            "at": f"{one.at:%H:%M}",
            "recipients": sorted(recipients, key=lambda person: person.name),
            "targets": one.targets,
            "is_paused": one.next_at is None,
            "next_at": one.next_at,
            "problem": one.problem,
            "last": LastOut(due_at=one.last_due_at, deliveries=deliveries) if one.last_due_at else None,
        }
    )

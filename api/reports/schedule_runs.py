"""What a round of schedules does: starts what is due, orders each reader's own file, sends those that are made.

Each step is a transaction with its rows locked, so that rounds side by side, or one that was killed, do nothing twice
but at the very end: who dies between a server's yes and the commit sends once more, under the same name.
"""

import asyncio
import re
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import Select, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from api.core.db import new_id
from api.core.errors import ProblemError
from api.core.masking import masked
from api.core.settings import Settings
from api.identity.access import SessionEnded, acting
from api.identity.models import Account
from api.identity.rules import ROLES, Principal, may
from api.media.storage import local_copy
from api.notifications.put import Draft, put
from api.people.models import Person
from api.people.seats import by_row, sees
from api.people.sight import seeing
from api.reports.models import ReportRun
from api.reports.questions import ReportQuestion
from api.reports.runs import UNFINISHED, file_key, order
from api.reports.schedule_mails import Letter, Mailer, NotSent
from api.reports.schedule_models import ReportDelivery, ReportSchedule
from api.reports.schedule_rules import next_due, pause
from api.reports.schedule_targets import MAIL, Target, targets
from api.reports.schedules import rhythm_of

log = structlog.get_logger("api.reports")
CLIENT = "praxis-schedules"
FAILED = "report_failed"
MOST = 1000
"""Steps of a round; the next one goes on."""

Drop = Callable[[Target, Path, str], None]
"""Brings a file to a target under this name; raises Undelivered."""


class Undelivered(Exception):
    """By the target; the message says why and names no secret."""


@dataclass(frozen=True, slots=True)
class Round:
    settings: Settings
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    mailer: Mailer
    drop: Drop
    now: datetime

    async def who(self, account_id: uuid.UUID, roles: list[str] | frozenset[str]) -> Principal:
        async with self.engine.connect() as connection:
            return await acting(connection, account_id, roles=roles, client_id=CLIENT)


async def is_due(session: AsyncSession, *, now: datetime | None = None) -> bool:
    """Whether a round would find anything to do."""
    now = now or datetime.now(UTC)
    asked = select(or_(exists(_due(now)), exists(_ready(now))))
    return bool(await session.scalar(asked))


async def run_round(
    settings: Settings,
    engine: AsyncEngine,
    sessions: async_sessionmaker[AsyncSession],
    drop: Drop,
    *,
    now: datetime | None = None,
) -> dict[str, int]:
    """How many schedules were started, and files ordered, sent, to be tried again or given up."""
    did: Counter[str] = Counter()
    async with Mailer(settings) as mailer:
        for step in (_start, _deliver):
            for _ in range(MOST):
                moment = now or datetime.now(UTC)
                what = await step(Round(settings, engine, sessions, mailer, drop, moment))
                if what is None:
                    break
                did[what] += 1
    return dict(did)


def _due(now: datetime) -> Select[ReportSchedule]:
    return select(ReportSchedule).where(ReportSchedule.next_at <= now)


def _ready(now: datetime) -> Select[ReportDelivery]:
    """Whose file is to be ordered, is made, or couldn't be."""
    unfinished = select(ReportRun.id).where(ReportRun.id == ReportDelivery.run_id, ReportRun.state.in_(UNFINISHED))
    waiting = (ReportDelivery.state == "waiting", ReportDelivery.next_at <= now)
    return select(ReportDelivery).where(*waiting, ~exists(unfinished))


async def _start(told: Round) -> str | None:
    """The schedule that has waited longest: a row for each reader and target, and its next due time after now.

    However much was missed while Praxis was down, it is sent once.
    """
    async with told.sessions.begin() as session:
        first = _due(told.now).order_by(ReportSchedule.next_at).limit(1).with_for_update(skip_locked=True)
        schedule: ReportSchedule | None = await session.scalar(first)
        if schedule is None:
            return None
        assert schedule.next_at
        try:
            owner = await told.who(schedule.account_id, schedule.roles)
        except SessionEnded:
            schedule.next_at, schedule.problem = None, "The account of its owner was closed."
            return "paused"
        schedule.last_due_at = schedule.next_at
        schedule.next_at = next_due(rhythm_of(schedule), told.now)
        to = [(owner.account_id, target) for target in schedule.targets]
        to += [(reader, MAIL) for reader in await _readers(told, session, owner, schedule)]
        for account_id, target in to:
            row = {"id": new_id(), "schedule_id": schedule.id, "due_at": schedule.last_due_at}
            row |= {"account_id": account_id, "target": target, "next_at": told.now}
            await session.execute(insert(ReportDelivery).values(row).on_conflict_do_nothing())
        return "started"


async def _readers(told: Round, session: AsyncSession, owner: Principal, schedule: ReportSchedule) -> list[uuid.UUID]:
    """Accounts of the recipients whom the owner may still see, and who may still sign in."""
    async with seeing(told.engine, owner) as sight:
        await by_row(sight)
        people = await sees(sight, set(schedule.recipients) - {owner.person}) if schedule.recipients else set()
    if owner.person in schedule.recipients:
        people.add(owner.person)
    accounts = select(Account.id).where(Account.person_id.in_(people), Account.is_active)
    return list(await session.scalars(accounts))


async def _deliver(told: Round) -> str | None:
    """One step of the delivery that has waited longest."""
    async with told.sessions.begin() as session:
        first = _ready(told.now).order_by(ReportDelivery.next_at).limit(1).with_for_update(skip_locked=True)
        one: ReportDelivery | None = await session.scalar(first)
        if one is None:
            return None
        schedule = await session.get_one(ReportSchedule, one.schedule_id)
        run = await session.get(ReportRun, one.run_id) if one.run_id else None
        try:
            async with session.begin_nested():
                what = await _step(told, session, schedule, one, run)
        except Exception as error:  # one that can't be sent must not hold up all others
            what = await _failed(told, session, schedule, one, error)
            if run is not None and run.state != "done":
                one.run_id = None
            return what
        if isinstance(what, uuid.UUID):
            one.run_id = what
            return "ordered"
        one.state, one.finished_at, one.problem = what, told.now, None
        return what


async def _step(
    told: Round, session: AsyncSession, schedule: ReportSchedule, one: ReportDelivery, run: ReportRun | None
) -> uuid.UUID | str:
    """The run that was ordered, or the state that the delivery ends in."""
    if run is None or run.state == "expired":
        return await _order(told, session, schedule, one)
    if run.state != "done":
        raise NotSent(run.problem or f"The report was {run.state}.", for_good=run.state == "cancelled")
    return "sent" if await _send(told, session, schedule, one, run) else "unwanted"


async def _order(told: Round, session: AsyncSession, schedule: ReportSchedule, one: ReportDelivery) -> uuid.UUID:
    """Of what this reader may see: the owner in the roles they made it in, others in their own."""
    is_owners = one.account_id == schedule.account_id
    who = await told.who(one.account_id, schedule.roles if is_owners else ROLES)
    if not may(who, "reports"):
        raise NotSent("They may see no reports any more.", for_good=True)
    return await order(session, who, ReportQuestion.model_validate(schedule.question))


async def _send(
    told: Round, session: AsyncSession, schedule: ReportSchedule, one: ReportDelivery, run: ReportRun
) -> bool:
    if one.target == MAIL:
        account = await session.get_one(Account, one.account_id)
        assert account.person_id
        owner = None if one.account_id == schedule.account_id else await _owner_name(session, schedule)
        letter = Letter(str(one.id), schedule.name, owner, account.person_id, run)
        return await told.mailer.send(session, letter, told.now)
    target = targets(told.settings).get(one.target)
    owner_now = await told.who(schedule.account_id, schedule.roles)
    if target is None or not target.roles & owner_now.roles:
        raise NotSent("There is no such target any more, or it is no longer for you.", for_good=True)
    async with local_copy(told.settings, file_key(run.id)) as path:
        await asyncio.to_thread(told.drop, target, path, file_name(schedule, one))
    return True


def file_name(schedule: ReportSchedule, one: ReportDelivery) -> str:
    """The same at each attempt, another one for each due time and schedule."""
    words = re.sub(r"[^a-z0-9]+", "-", schedule.name.lower()).strip("-")[:60] or "report"
    kind = schedule.question.get("format", "csv")
    return f"{words}-{one.due_at.astimezone(UTC):%Y-%m-%dT%H%MZ}-{schedule.id.hex[-8:]}.{kind}"


async def _owner_name(session: AsyncSession, schedule: ReportSchedule) -> str | None:
    named = select(Person.display_name).join(Account, Account.person_id == Person.id)
    name: str | None = await session.scalar(named.where(Account.id == schedule.account_id))
    return name


async def _failed(
    told: Round, session: AsyncSession, schedule: ReportSchedule, one: ReportDelivery, error: Exception
) -> str:
    """Again after a pause, or given up and its owner told."""
    one.attempts += 1
    said = error.detail if isinstance(error, ProblemError) else str(error) or repr(error)
    one.problem = masked(said)[:500]
    log.warning("report not sent", schedule=str(schedule.id), target=one.target, reason=one.problem)
    for_good = isinstance(error, SessionEnded) or getattr(error, "for_good", False)
    wait = None if for_good else pause(one.attempts)
    if wait:
        one.next_at = told.now + wait
        return "again"
    one.state, one.finished_at = "failed", told.now
    owner = await session.get_one(Account, schedule.account_id)
    if owner.person_id:
        facts = {"title": schedule.name, "to": await _to(session, one), "says": one.problem}
        await put(session, [Draft(FAILED, owner.person_id, str(one.id), told.now, facts)])
    return "failed"


async def _to(session: AsyncSession, one: ReportDelivery) -> str:
    if one.target != MAIL:
        return one.target
    named = select(Person.display_name).join(Account, Account.person_id == Person.id)
    return await session.scalar(named.where(Account.id == one.account_id)) or "A mail"

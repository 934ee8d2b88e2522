"""Loading the demo company: one transaction through the services, so a killed load leaves an empty database."""

import time
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.service import require_course
from api.core.db import make_engine
from api.core.errors import Conflict
from api.core.settings import Settings
from api.identity import service as identity
from api.learning.history import History
from api.learning.popularity_tasks import recount
from api.learning.service import import_history
from api.people import service as people
from data.demo.accounts import choose, creators, demo_password, keep_sign_ins, officials
from data.demo.catalogue import catalogue
from data.demo.changes import Workforce, workforce
from data.demo.company import company
from data.demo.courses import store_files, write_courses
from data.demo.directory import Directory
from data.demo.paths import Paths
from data.demo.rosters import SOURCE, csv_of, file_name, roster_of
from data.demo.story import tell


class NotEmpty(Conflict):
    title = "There are people in this database"


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was loaded; as text it is the one line that a start prints."""

    company: str
    people: int
    active: int
    courses: int
    enrollments: int
    certificates: int
    events: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.company}: {self.active:,} people, {self.courses} courses, {self.enrollments:,} enrollments,"
            f" {self.events:,} events"
        )


async def is_empty(settings: Settings) -> bool:
    """Whether the database knows no person yet."""
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        async with AsyncSession(engine) as session:
            return await _nobody(session)
    finally:
        await engine.dispose()


async def _nobody(session: AsyncSession) -> bool:
    return bool((await session.execute(text("select not exists (select from person)"))).scalar_one())


async def load(settings: Settings, *, anchor: date | None = None) -> DemoSummary:
    """Tell the year before `anchor` (today, UTC) to an empty database; raises NotEmpty where somebody is in it."""
    began = time.monotonic()
    day = anchor or datetime.now(UTC).date()
    told = workforce(company(), day)
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            await session.execute(text("select pg_advisory_xact_lock(hashtext('demo company'))"))
            if not await _nobody(session):
                raise NotEmpty("The demo company goes into an empty database only: use another PRAXIS_HOME.")
            history, added = await _load(session, settings, told, day)
    finally:
        await engine.dispose()
    _leave_hr_file(settings, told)
    return DemoSummary(
        company().name,
        len(told.people),
        len(told.active()),
        sum(not course.is_draft for course in catalogue().values()),
        len(history.enrollments) + added["enrollments"],
        len(history.certificates) + added["certificates"],
        len(history.events) + added["events"],
        round(time.monotonic() - began, 2),
    )


async def _load(
    session: AsyncSession, settings: Settings, told: Workforce, anchor: date
) -> tuple[History, dict[str, int]]:
    """(the year as it was copied in, how much was added to it through the services)"""
    for day, seats in told.snapshots:
        await people.apply_roster(session, roster_of(company(), day, seats))
    await session.execute(text("analyze person, employment, employment_version, org_unit"))  # or the planner guesses
    directory, units = await _look_up(session, told)
    owners = {role: directory.people[seat.number] for role, seat in creators(company(), told.active()).items()}
    await _open_accounts(session, settings, told, directory)
    await _grant_roles(session, told, directory, set(owners.values()), units)
    files = await store_files(session, settings)
    directory.courses = await write_courses(session, owners, files, anchor)
    for rule in company().rules:
        await require_course(
            session,
            course_id=directory.courses[rule.course].id,
            due_within_days=rule.due_within_days,
            valid_from=anchor - timedelta(days=rule.days_ago),
            org_unit_id=units[rule.unit] if rule.unit else None,
            country=rule.country,
        )
    history = tell(told, directory, anchor)
    await import_history(session, history)
    chosen = choose(company(), told, _to_do(history, directory))
    added = await Paths(session, told, directory, owners, history, anchor).write(chosen)
    await recount(session)
    keep_sign_ins(settings, chosen)
    return history, added


async def _look_up(session: AsyncSession, told: Workforce) -> tuple[Directory, dict[str, uuid.UUID]]:
    """The ids that people and units got: everybody was below the chief executive on the day of some roster."""
    chief = next(seat for seat in told.active() if seat.manager is None)
    found = {chief.email: (await people.find_person(session, chief.email)).id}
    unit_ids: dict[str, uuid.UUID] = {}
    for day, _ in told.snapshots:
        for member in await people.team_of(session, found[chief.email], on=day):
            found[str(member.email)] = member.person_id
            unit_ids[member.org_unit_name] = member.org_unit_id
    directory = Directory({number: found[seat.email] for number, seat in told.people.items()})
    return directory, {unit.code: unit_ids[unit.name] for unit in company().units.values() if unit.name in unit_ids}


async def _open_accounts(session: AsyncSession, settings: Settings, told: Workforce, directory: Directory) -> None:
    """One hash for all: argon2 is slow on purpose, and they share the password."""
    active = [directory.people[seat.number] for seat in told.active()]
    password_hash = identity.hash_password(demo_password(settings))
    await identity.set_password(session, active, password_hash)
    auditor = await identity.open_account(session, email=company().auditor["email"], password_hash=password_hash)
    await identity.grant_role(session, account_id=auditor.id, role="auditor")


async def _grant_roles(
    session: AsyncSession,
    told: Workforce,
    directory: Directory,
    owners: set[uuid.UUID],
    units: dict[str, uuid.UUID],
) -> None:
    granted: list[tuple[uuid.UUID, str, uuid.UUID | None]] = [(owner, "creator", None) for owner in sorted(owners)]
    granted += [
        (directory.people[seat.number], duty["role"], units[duty["within"]] if "within" in duty else None)
        for duty, seat in officials(company(), told.active())
    ]
    for person_id, role, unit_id in granted:
        account = await identity.account_of(session, person_id)
        if account:
            await identity.grant_role(session, account_id=account.id, role=role, org_unit_id=unit_id)


def _to_do(history: History, directory: Directory) -> dict[str, int]:
    unfinished = Counter(row[1] for row in history.enrollments if row[6] is None)
    return {number: unfinished[person_id] for number, person_id in directory.people.items()}


def _leave_hr_file(settings: Settings, told: Workforce) -> None:
    """The newest roster, already applied: to edit and drop again under a newer date."""
    day, seats = told.snapshots[-1]
    folder = settings.hr_dir / SOURCE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file_name(day)).write_bytes(csv_of(company(), seats))

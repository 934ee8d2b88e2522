"""The mart plus the tail is what a build of everything gives, at whatever moment the lake stands."""

import random
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.obligations import obligations
from api.compliance.refresh import refresh_obligations
from api.core.db import make_engine
from api.core.settings import Settings
from api.courses.models import Course, Module
from api.credentials.revocation import revoke
from api.identity.rules import WEB, Principal
from api.learning.schemas import ProgressIn
from api.learning.service import enroll, record_progress, withdraw
from api.people.models import Person
from pipelines.dbt_runner import build
from pipelines.lake.export import export_events
from tests.factories import make_course, make_org_unit, make_person, make_requirement, modules_of

NOW = datetime.now(UTC)
SEED = 2026


@dataclass
class Company:
    """One lead over twelve people in two units, three courses of two texts, one of them required in one
    unit, one each three months."""

    lead: uuid.UUID
    people: list[uuid.UUID]
    modules: dict[uuid.UUID, list[uuid.UUID]]


@pytest.fixture(scope="module")
async def company(settings: Settings, database_url: str) -> Company:
    engine = make_engine(database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        lead = await make_person(session, "Lead")
        units = [await make_org_unit(session, name) for name in ("Plant", "Office")]
        people = [
            await make_person(
                session,
                f"Person {n:02}",
                manager=lead,
                org_unit=units[n % 2],
                started_on=NOW.date() - timedelta(days=10 * n),
            )
            for n in range(12)
        ]
        modules = {}
        for title in ("Fire safety", "Data protection", "Feedback"):
            texts = [Module(position=n, kind="text", title=f"Text {n}", duration_s=60, body="Read.") for n in (1, 2)]
            course = await make_course(session, lead, title, modules=texts)
            modules[course.id] = [module.id for module in await modules_of(session, course)]
            plant = units[0].id if title == "Feedback" else None
            days = 20 if plant else 40
            again = {"every_months": 3, "renewal_days": 20} if title == "Data protection" else {}
            await make_requirement(
                session, course, due_within_days=days, valid_from=date(2024, 1, 1), org_unit_id=plant, **again
            )
        await session.commit()
    await engine.dispose()
    export_events(settings)
    list(build(settings))
    return Company(lead.id, [person.id for person in people], modules)


@pytest.fixture
async def lead_reads(
    api: httpx.AsyncClient, company: Company, token_for: Callable[..., dict[str, str]]
) -> AsyncIterator[Any]:
    async def read() -> list[dict[str, Any]]:
        """Both reports without `freshness`, which says how they were made."""
        answers = [
            await api.get(path, headers=token_for(company.lead)) for path in ("/compliance-report", "/team-progress")
        ]
        return [{key: value for key, value in answer.json().items() if key != "freshness"} for answer in answers]

    yield read


async def learn(session: AsyncSession, company: Company, chance: random.Random, steps: int) -> None:
    """Random people enroll, advance, finish and give courses back, at random moments of the last 60 days; each step a
    transaction. Some give back what they only just took, some take it again in the same stretch.
    """
    for _ in range(steps):
        person, course = chance.choice(company.people), chance.choice(list(company.modules))
        moment = NOW - timedelta(minutes=chance.randrange(60 * 24 * 60))
        await enroll(session, person_id=person, course_id=course, now=moment)
        module, percent = chance.choice(company.modules[course]), chance.choice([10, 40, 70, 100, 100])
        sent = ProgressIn(course_id=course, module_id=module, percent=percent, occurred_at=moment)
        done = await record_progress(session, person_id=person, sent=sent, now=moment)
        if done.completed_at is None and chance.random() < 0.3:
            await withdraw(session, person_id=person, course_id=course, now=moment)
        await session.commit()


def everything_built(settings: Settings, *selection: str) -> None:
    export_events(settings)
    list(build(settings, *selection))


async def test_mart_plus_tail_is_what_a_build_gives_wherever_random_events_are_split(
    lead_reads, company: Company, settings: Settings, committed: AsyncSession
) -> None:
    chance = random.Random(SEED)
    for steps in (25, 60):
        await learn(committed, company, chance, steps)
        with_tail = await lead_reads()
        everything_built(settings)
        assert await lead_reads() == with_tail, f"seed {SEED}, {steps} steps"
    assert with_tail[0]["kpis"]["compliance_rate"]["value"] > 0


async def test_nothing_is_missing_while_a_build_is_half_done(
    lead_reads, company: Company, settings: Settings, committed: AsyncSession
) -> None:
    """Each model is a commit of its own: the facts are newer than the reports built from them for some seconds."""
    await learn(committed, company, random.Random(SEED + 1), 20)
    before = await lead_reads()
    everything_built(settings, "--select", "+fct_enrollment")
    assert await lead_reads() == before
    everything_built(settings, "--select", "+rpt_team_progress")
    assert await lead_reads() == before


async def test_postgres_and_the_mart_ask_the_same_of_everybody(
    lead_reads, company: Company, committed: AsyncSession
) -> None:
    """Pages and reminders read api.compliance.obligations, reports the mart."""
    items = (await lead_reads())[0]["items"]
    reported = {(one["person"]["id"], one["course"]["id"], one["due_on"]): one["completed_at"] for one in items}
    told = [one for one in await obligations(committed, on=NOW.date()) if one.person_id != company.lead]
    asked = {(str(one.person_id), str(one.course_id), one.due_on.isoformat()): one.completed_at for one in told}
    assert asked.keys() == reported.keys()
    assert len({course for _, course, _ in asked}) == 3
    assert {key: moment is not None for key, moment in asked.items()} == {
        key: moment is not None for key, moment in reported.items()
    }


async def test_a_completion_counts_as_long_as_its_certificate_holds(
    lead_reads, company: Company, settings: Settings, committed: AsyncSession
) -> None:
    """Over, renewed, taken back, good: the same by the tail, by the mart and by Postgres."""
    course_id, long_ago = next(iter(company.modules)), NOW - timedelta(days=500)
    course = await committed.get(Course, course_id)
    lead = await committed.get(Person, company.lead)
    assert course
    course.certificate_valid_months = 12
    people = {
        name: (await make_person(committed, name, manager=lead)).id for name in ("Over", "Renewed", "Revoked", "Good")
    }
    await committed.commit()
    await refresh_obligations(committed, everything=True)  # no event told of them
    await committed.commit()
    everything_built(settings)  # they are known to the mart

    async def finish(name: str, at: datetime) -> str:
        ids = {"person_id": people[name]}
        await enroll(committed, **ids, course_id=course_id, now=at)
        for module in company.modules[course_id]:
            sent = ProgressIn(course_id=course_id, module_id=module, percent=100)
            done = await record_progress(committed, **ids, sent=sent, now=at)
        await committed.commit()
        return str(done.certificate_code)

    async def states() -> dict[str, tuple[str, bool, bool]]:
        """By person: the status, whether due since the certificate ended, whether Postgres says open."""
        items = [one for one in (await lead_reads())[0]["items"] if one["course"]["id"] == str(course_id)]
        is_open = {
            one.person_id: (one.is_open(), one.due_on.isoformat())
            for one in await obligations(committed, on=NOW.date())
            if one.course_id == course_id
        }
        found = {one["person"]["name"]: one for one in items}
        assert all(is_open[person][1] == found[name]["due_on"] for name, person in people.items())
        ended = (long_ago.date() + timedelta(days=365)).isoformat()
        return {
            name: (found[name]["status"], found[name]["due_on"] >= ended, is_open[person][0])
            for name, person in people.items()
        }

    for name in ("Over", "Renewed"):
        await finish(name, long_ago)
    everything_built(settings)
    await finish("Renewed", NOW)
    await finish("Good", NOW)
    code = await finish("Revoked", NOW - timedelta(days=3))
    officer = Principal(lead.id, lead.id, frozenset({"officer"}), frozenset(), WEB, frozenset({("officer", None)}))
    await revoke(committed, officer, code=code, reason="A test.", now=NOW - timedelta(days=2))
    await committed.commit()
    by_tail = await states()
    assert by_tail == {
        "Over": ("overdue", True, True),
        "Renewed": ("compliant", True, False),  # what it renewed was due on that day
        "Revoked": ("overdue", True, True),
        "Good": ("compliant", False, False),
    }
    everything_built(settings)
    assert await states() == by_tail

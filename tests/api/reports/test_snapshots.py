"""An answer again by its snapshot's number: the same rows, whatever was done, built or committed since."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import lake
from api.core.db import make_engine
from api.core.settings import Settings
from api.courses.models import Module
from api.learning.schemas import ProgressIn
from api.learning.service import enroll, record_progress
from pipelines.dbt_runner import build
from pipelines.lake.export import export_events
from tests.factories import make_course, make_org_unit, make_person, make_requirement, modules_of

PATHS = ("/compliance-report", "/team-progress")
CELLS = {
    "/compliance-report": "person team course due_on status progress_percent days_late completed_at",
    "/team-progress": "person team course progress_percent score_percent enrolled_at last_activity_at completed_at",
}


@dataclass
class Company:
    people: dict[str, uuid.UUID]
    course_id: uuid.UUID
    module_id: uuid.UUID


@pytest.fixture(scope="module")
async def company(settings: Settings, database_url: str) -> Company:
    """One lead over Ann, Bob, Cid and Zoë, all of whom must do one course; built once."""
    engine = make_engine(database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        lead, plant = await make_person(session, "Lead"), await make_org_unit(session, "Plant")
        people = {"lead": lead.id}
        for name in ("Ann", "Bob", "Cid", "Zoë"):
            person = await make_person(session, name, manager=lead, org_unit=plant, started_on=date(2024, 1, 1))
            people[name] = person.id
        course = await make_course(
            session, lead, "Safety", modules=[Module(position=1, kind="text", title="Read", duration_s=60, body="R.")]
        )
        await make_requirement(session, course, due_within_days=30, valid_from=date(2024, 1, 1))
        module = (await modules_of(session, course))[0]
        await session.commit()
    await engine.dispose()
    _build(settings)
    return Company(people, course.id, module.id)


def _build(settings: Settings) -> None:
    export_events(settings)
    list(build(settings))


async def finish(session: AsyncSession, company: Company, name: str) -> None:
    person_id = company.people[name]
    await enroll(session, person_id=person_id, course_id=company.course_id)
    sent = ProgressIn(course_id=company.course_id, module_id=company.module_id, percent=100)
    await record_progress(session, person_id=person_id, sent=sent)


@pytest.fixture
def ask(api: httpx.AsyncClient, company: Company, token_for: Callable[..., dict[str, str]]):
    async def get(path: str, **query: object) -> Any:
        answer = await api.get(path, params=query, headers=token_for(company.people["lead"]))
        return answer if query.get("snapshot") == "?" else {**answer.json(), "status": answer.status_code}

    return get


def but_when(answer: dict[str, Any]) -> dict[str, Any]:
    """Without the moment at which it was read."""
    return {**answer, "freshness": {**answer["freshness"], "read_at": None}}


async def test_an_answer_is_the_same_by_its_number_whatever_happened_since(
    ask, company: Company, settings: Settings, committed: AsyncSession, database_url: str
) -> None:
    await finish(committed, company, "Ann")
    await committed.commit()
    slow = make_engine(database_url, pool_size=1)
    async with AsyncSession(slow, expire_on_commit=False) as running:
        await finish(running, company, "Bob")  # an older transaction, which ends after the answer was given
        await finish(committed, company, "Cid")
        await committed.commit()
        told = [await ask(path) for path in PATHS]
        assert [answer["freshness"]["tail_events"] > 0 for answer in told] == [True, True]
        await running.commit()
    await slow.dispose()
    now = [await ask(path) for path in PATHS]
    assert now[0]["freshness"]["checksum"] != told[0]["freshness"]["checksum"]
    for built in (False, True):
        if built:
            _build(settings)
        for path, before in zip(PATHS, told, strict=True):
            again = await ask(path, snapshot=before["freshness"]["snapshot"])
            assert but_when(again) == but_when(before), f"{path}, built: {built}"
    done = {item["person"]["name"] for item in told[0]["items"] if item["status"] == "compliant"}
    assert done == {"Ann", "Cid"}


async def test_the_number_stays_while_nothing_happens(ask) -> None:
    numbers = {(await ask(path))["freshness"]["snapshot"] for path in (*PATHS, *PATHS)}
    assert len(numbers) == 1


async def test_who_is_seen_is_decided_when_somebody_asks_also_for_an_old_snapshot(
    ask, company: Company, committed: AsyncSession
) -> None:
    before = await ask("/compliance-report")
    assert before["total"] == 4
    await committed.execute(
        text(
            "update employment_version v set manager_id = null from employment e"
            " where e.id = v.employment_id and e.person_id = :who"
        ),
        {"who": company.people["Zoë"]},
    )
    await committed.commit()
    again = await ask("/compliance-report", snapshot=before["freshness"]["snapshot"])
    assert {item["person"]["name"] for item in again["items"]} == {"Ann", "Bob", "Cid"}
    assert (again["freshness"]["row_count"], before["freshness"]["row_count"]) == (3, 4)
    assert again["freshness"]["checksum"] != before["freshness"]["checksum"]


@pytest.mark.parametrize("path", PATHS)
async def test_anybody_can_reckon_the_checksum_again(ask, path: str) -> None:
    """By docs/reports.md, from what the answer shows."""
    answer = await ask(path)
    total = 0
    for item in answer["items"]:
        cells = [item[name]["name"] if isinstance(item[name], dict) else item[name] for name in CELLS[path].split()]
        line = "\x1f".join(_cell(cell) for cell in cells)
        total += int.from_bytes(hashlib.md5(line.encode(), usedforsecurity=False).digest()[:8], "little")
    assert answer["freshness"]["checksum"] == f"{total % 2**64:016x}"
    assert answer["freshness"]["row_count"] == len(answer["items"]) > 0


def _cell(value: Any) -> str:
    if isinstance(value, str) and "T" in value and value.endswith("Z"):
        return f"{datetime.fromisoformat(value):%Y-%m-%dT%H:%M:%SZ}"
    return "" if value is None else str(value)


async def test_a_number_that_never_was_is_not_found_and_a_forgotten_one_is_gone(ask, settings: Settings) -> None:
    old = (await ask("/compliance-report"))["freshness"]
    missing = await ask("/compliance-report", snapshot=old["snapshot"] + 1000)
    assert (missing["status"], missing["title"]) == (404, "Not found")
    with lake.connect(settings) as duck:
        duck.execute("create table lake.main.later as select 1 as one")
        duck.execute("call ducklake_expire_snapshots('lake', older_than => ?::timestamptz)", [datetime.now(UTC)])
    for path in PATHS:
        gone = await ask(path, snapshot=old["snapshot"])
        assert (gone["status"], gone["title"]) == (410, "This snapshot is no longer kept")
        assert "30 days" in gone["detail"]

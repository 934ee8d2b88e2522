"""What was learned goes back to the HR system once, through lost answers and refusals, and everybody sees how far."""

import asyncio
import csv
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg2
import pytest
import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.credentials.models import Certificate
from api.learning.models import ModuleProgress
from api.people.models import Person
from pipelines.hr.connectors import asking
from pipelines.hr.write_back.assets import records
from pipelines.hr.write_back.run import write_back
from tests.factories import make_course, make_enrollment, make_person, modules_of
from tests.pipelines.hr.vendor import Answer, Asked, Vendor, serving

DONE = datetime(2026, 11, 20, 9, tzinfo=UTC)
ENDS = datetime(2028, 2, 29, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSE_S", 0.0)
    monkeypatch.setenv("PRAXIS_TEST_SECRET", "open sesame")


def learned(settings: Settings, source: str, *, people: int = 1) -> list[str]:
    """Employee numbers at that source of people who finished a course, with a certificate that ends."""

    async def make() -> list[str]:
        engine = make_engine(settings.database_url, pool_size=1)
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            course = await make_course(session, await make_person(session, "Otto Owner"), title=f"Fire safety {source}")
            done = [await make_person(session, f"Ada {n}") for n in range(people)]
            for person in done:
                await _finish(session, person, course)
        async with engine.begin() as connection:
            raw = await connection.exec_driver_sql(
                "update employment set source = $1 where person_id = any($2) returning employee_number",
                (source, [person.id for person in done]),
            )
            numbers = [number for (number,) in raw]
        await engine.dispose()
        return numbers

    return asyncio.run(make())


async def _finish(session: AsyncSession, person: Person, course: Any) -> None:
    enrollment = await make_enrollment(session, person, course, enrolled_at=DONE, completed_at=DONE)
    for module in await modules_of(session, course):
        progress = ModuleProgress(enrollment_id=enrollment.id, module_id=module.id, percent=100, completed_at=DONE)
        session.add(progress)
    named = {"person_name": person.display_name, "course_title": "Fire safety", "code": uuid.uuid4().hex}
    times = {"issued_at": DONE, "expires_at": ENDS}
    session.add(Certificate(person_id=person.id, enrollment_id=enrollment.id, course_id=course.id, **named, **times))


def mapped(settings: Settings, **way: Any) -> str:
    """A source of its own with this way back."""
    source = f"source-{time.monotonic_ns()}"
    folder = settings.hr_dir / source
    folder.mkdir(parents=True)
    told = yaml.safe_load(Path("pipelines/hr/mappings/demo.yml").read_text())
    (folder / "mapping.yml").write_text(yaml.safe_dump(told | {"write_back": {"since": "2026-01-01", **way}}))
    return source


def query(settings: Settings, statement: str, *given: object) -> list[tuple]:
    connection = psycopg2.connect(settings.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, given)
        found = cursor.fetchall() if cursor.description else []
    connection.close()
    return found


def states(settings: Settings, source: str) -> list[tuple[str, str]]:
    return sorted(query(settings, "select kind, state from hr_record where source = %s", source))


def now_due(settings: Settings, source: str) -> None:
    query(settings, "update hr_record set next_at = now() where source = %s and next_at < 'infinity'", source)


def revoke(settings: Settings, source: str) -> None:
    query(
        settings,
        "update certificate c set revoked_at = now(), revoked_reason = 'A test.' from employment e"
        " where e.person_id = c.person_id and e.source = %s",
        source,
    )


class Bamboo:
    """Training records and types; the type of a course is made where there is none."""

    def __init__(self) -> None:
        self.records: dict[str, dict] = {}
        self.refuses = ""

    def answer(self, _: Vendor, asked: Asked) -> Answer:
        parts = asked.path.removeprefix("/api/v1/training/").split("/")
        match (asked.method, *parts):
            case ("GET", "type"):
                return 200, {"3": {"id": "3", "name": "First aid"}}
            case ("POST", "type"):
                return 201, {"id": "9", **asked.json()}
            case ("GET", "record", "employee", number):
                found = {i: r for i, r in self.records.items() if r["employeeId"] == number}
                return 200, found or []
            case ("POST", "record", "employee", number):
                if number == self.refuses:
                    return 404, {"error": "no such employee"}
                made = {"id": str(20 + len(self.records)), "employeeId": number, **asked.json()}
                self.records[made["id"]] = made
                return 201, made
            case ("DELETE", "record", number):
                return (204, None) if self.records.pop(number, None) else (404, None)
        raise AssertionError(asked)


def test_a_training_record_comes_once_though_the_answer_was_lost_and_goes_when_it_is_revoked(
    settings: Settings,
) -> None:
    bamboo = Bamboo()
    with serving(Vendor(bamboo.answer)) as vendor:
        source = mapped(settings, kind="bamboohr", url=vendor.url, key={"env": "PRAXIS_TEST_SECRET"})
        [number] = learned(settings, source)
        vendor.faults = ["429", "", "", "torn"]
        assert write_back(settings, source) == {"collected": 1, "waiting": 1}
        assert write_back(settings, source) == {"collected": 0}, "not before its pause is over"
        now_due(settings, source)
        assert write_back(settings, source) == {"collected": 0, "accepted": 1}
        [record] = bamboo.records.values()
        assert (record["employeeId"], record["type"], record["completed"]) == (number, 9, "2026-11-20")
        assert record["hours"] > 0
        assert query(settings, "select reference, attempts from hr_record where source = %s", source) == [("20", 2)]
        revoke(settings, source)
        write_back(settings, source)
        assert bamboo.records == {}
        assert states(settings, source) == [("completion", "accepted"), ("revocation", "accepted")]


async def test_a_refused_record_says_why_to_the_data_team_and_is_sent_again_when_asked(
    settings: Settings, api, token_for: Callable[..., dict[str, str]], committed: AsyncSession
) -> None:
    data_team = await make_person(committed, "Dan Data", roles=("hr_data",))
    await committed.commit()
    me = token_for(data_team.id, "hr_data")
    bamboo = Bamboo()
    with serving(Vendor(bamboo.answer)) as vendor:
        source = mapped(settings, kind="bamboohr", url=vendor.url, key={"env": "PRAXIS_TEST_SECRET"})
        [bamboo.refuses] = await asyncio.to_thread(learned, settings, source)
        assert await asyncio.to_thread(write_back, settings, source) == {"collected": 1, "refused": 1}
        told = (await api.get("/hr/write-back", params={"source": source}, headers=me)).json()
        [row] = told["items"]
        assert (row["kind"], row["state"], row["person"]) == ("completion", "refused", "Ada 0")
        assert "no such employee" in row["reason"]
        assert {"source": source, "state": "refused", "records": 1} in told["counts"]
        bamboo.refuses = ""
        assert (await api.post(f"/hr/write-back/{row['id']}/retry", headers=me)).status_code == 204
        assert (await api.post(f"/hr/write-back/{row['id']}/retry", headers=me)).status_code == 409
        assert await asyncio.to_thread(write_back, settings, source) == {"collected": 0, "accepted": 1}
    nobody = await api.get("/hr/write-back", headers=token_for(data_team.id, "employee"))
    assert nobody.status_code == 403


def test_a_file_has_completions_with_hours_and_certificates_with_their_end_and_its_answers_are_taken(
    settings: Settings,
) -> None:
    source = mapped(settings, kind="file")
    numbers = learned(settings, source, people=2)
    assert write_back(settings, source) == {"collected": 4, "sent": 4}
    assert write_back(settings, source) == {"collected": 0}, "what lies there is not sent twice"
    folder = settings.hr_dir / source / "write-back"
    [path] = folder.glob("*.csv")
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert sorted({row["employee_number"] for row in rows}) == sorted(numbers)
    completion = next(row for row in rows if row["kind"] == "completion")
    certificate = next(row for row in rows if row["kind"] == "certificate")
    assert completion["completed_on"] == "2026-11-20"
    assert float(completion["hours"]) > 0
    assert (certificate["issued_on"], certificate["expires_on"]) == ("2026-11-20", "2028-02-29")
    told = [f"{completion['key']},accepted,", f"{certificate['key']},refused,unknown code", "nonsense,accepted,"]
    (folder / "answers" / "1.csv").write_text("\n".join(["key,state,reason", *told]))
    write_back(settings, source)
    assert sorted(state for _, state in states(settings, source)) == ["accepted", "refused", "sent", "sent"]


def test_successfactors_learning_takes_a_completion_as_a_learning_event_with_a_token_that_expired(
    settings: Settings,
) -> None:
    events: list[dict] = []

    def answer(self: Vendor, asked: Asked) -> Answer:
        if asked.path == "/learning/oauth-api/rest/v1/token":
            assert asked.json()["scope"]["resourceType"] == "learning_public_api"
            return 200, {"access_token": f"token-{self.generation}", "expires_in": 1800, "token_type": "Bearer"}
        if asked.headers.get("authorization") != self.bearer:
            return 401, {"error": "expired"}
        assert asked.path == "/learning/odatav4/public/admin/learningevent-service/v1/OCNLearningEvents"
        events.append(asked.json())
        return 200, {}

    with serving(Vendor(answer, is_token=lambda asked: asked.path.endswith("/token"))) as vendor:
        access = {
            "company_id": "ACME",
            "client_id": "c",
            "user_id": "ADMIN",
            "client_secret": {"env": "PRAXIS_TEST_SECRET"},
        }
        source = mapped(settings, kind="successfactors", url=vendor.url, **access)
        [number] = learned(settings, source)
        vendor.faults = ["expired", "429"]
        assert write_back(settings, source) == {"collected": 1, "accepted": 1}
    [event] = events
    assert (event["userID"], event["courseCompleted"]) == (number, True)
    assert event["completedTimestamp"] == int(DONE.timestamp() * 1000)


def test_dagster_says_which_system_refused_and_which_did_not_answer(settings: Settings) -> None:
    bamboo = Bamboo()
    with serving(Vendor(bamboo.answer)) as vendor:
        source = mapped(settings, kind="bamboohr", url=vendor.url, key={"env": "PRAXIS_TEST_SECRET"})
        silent = mapped(settings, kind="bamboohr", url="http://127.0.0.1:9", key={"env": "PRAXIS_TEST_SECRET"})
        [bamboo.refuses] = learned(settings, source)
        learned(settings, silent)
        result = dg.materialize([records], resources={"settings": settings})
    checks = {one.check_name: (one.passed, set(one.metadata)) for one in result.get_asset_check_evaluations()}
    assert checks["nothing_is_refused"] == (False, {source})
    assert checks["systems_answer"] == (False, {silent})
    assert states(settings, silent) == [("completion", "waiting")]

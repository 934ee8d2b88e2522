"""The whole line, small and real: people in, a course done, the manager sees it, the certificate is genuine."""

import asyncio
import os
import time
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import httpx
import psycopg2
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.service import require_course
from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.service import hash_password
from api.identity.tokens import operator_token
from pipelines.definitions import defs
from tests.loops import apart
from tests.processes import browser, environment, free_port, running, sign_in

HEADER = (
    "employee_number,name,email,job_title,org_unit_code,org_unit_name,org_unit_parent_code,"
    "manager_number,location,country,cost_center,started_on,ended_on\n"
)
PEOPLE = HEADER + "".join(
    f"{number},{name},{number}@line.example,{job},it,IT,,{manager},Berlin,DE,,2024-01-01,\n"
    for number, name, job, manager in [
        ("1", "Mona Lindqvist", "Lead", ""),
        ("2", "Łukasz Żak", "Engineer", "1"),
        ("3", "Otto Other", "Lead", ""),
        ("4", "Orla Other", "Engineer", "3"),
    ]
)


@pytest.fixture(scope="module")
def line(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An install of its own: API and dashboards run, Dagster's jobs run in this process."""
    home = tmp_path_factory.mktemp("line")
    settings = Settings(home=home, database_url=database_url, api_port=free_port(), dashboards_port=free_port())
    before = dict(os.environ)
    os.environ.update(environment(settings))
    with running(settings):
        yield settings
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


def loaded() -> dg.Definitions:
    return dg.Definitions.merge(defs())


def run_job(name: str) -> None:
    job = loaded().resolve_job_def(name)
    assert apart(lambda: job.execute_in_process(instance=dg.DagsterInstance.ephemeral())).success


def drop(settings: Settings, source: str, files: dict[str, bytes]) -> None:
    """Files that lie still, as the sensor wants them."""
    folder = settings.hr_dir / source
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, (time.time() - 60,) * 2)


def person(settings: Settings, source: str, number: str) -> uuid.UUID:
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select person_id::text from employment where source = %s and employee_number = %s", (source, number)
        )
        return uuid.UUID(cursor.fetchall()[0][0])


def token(settings: Settings, person_id: uuid.UUID, *roles: str) -> str:
    """Whom HR gives no e-mail address has no account until somebody opens one."""
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        opened = "insert into account (id, person_id) values (uuidv7(), %s) on conflict (person_id) do nothing"
        cursor.execute(opened, (str(person_id),))
        cursor.execute("select id::text from account where person_id = %s", (str(person_id),))
        account_id = uuid.UUID(cursor.fetchall()[0][0])
    return operator_token(settings, account_id, roles or ("employee", "manager"))


def first_password(settings: Settings, person_id: uuid.UUID) -> tuple[str, str]:
    """HR's files bring accounts without one; the person's e-mail address with it."""
    password = "correct horse battery"
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        statement = "update account set password_hash = %s where person_id = %s returning email"
        cursor.execute(statement, (hash_password(password), str(person_id)))
        return cursor.fetchall()[0][0], password


def caller(settings: Settings, person_id: uuid.UUID, *roles: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token(settings, person_id, *roles)}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{settings.api_port}", headers=headers, timeout=30)


def publish_course(settings: Settings, creator: uuid.UUID, title: str) -> str:
    quiz = {
        "kind": "quiz",
        "title": "Ready?",
        "questions": [
            {"prompt": "It wobbles.", "choices": [{"label": "Climb"}, {"label": "Stop", "is_correct": True}]}
        ],
    }
    draft = {
        "title": title,
        "summary": "Ladders and harnesses.",
        "category": "Safety",
        "difficulty": "beginner",
        "modules": [{"kind": "text", "title": "Before you climb", "body": "Check the ladder."}, quiz],
    }
    with caller(settings, creator, "employee", "creator") as api:
        course_id = api.post("/create-course", json=draft).raise_for_status().json()["course_id"]
        api.post("/publish-course", json={"course_id": course_id}).raise_for_status()
    return str(course_id)


def require(settings: Settings, course_id: str) -> None:
    """Everybody has to complete it, thirty days after they began here."""

    async def run() -> None:
        engine = make_engine(settings.database_url, pool_size=1)
        async with AsyncSession(engine) as session, session.begin():
            await require_course(
                session, course_id=uuid.UUID(course_id), due_within_days=30, valid_from=date(2026, 1, 1)
            )
        await engine.dispose()

    apart(lambda: asyncio.run(run()))


def learn(settings: Settings, learner: uuid.UUID, course_id: str) -> str:
    """Enrolled, read, watched, quizzed: the code of the certificate."""
    with caller(settings, learner) as api:
        enrollment = api.post("/enroll", json={"course_id": course_id}).raise_for_status().json()
        content = api.get("/course-content", params={"course_id": course_id}).raise_for_status().json()
        text, quiz = content["modules"]
        event = {
            "id": str(uuid.uuid4()),
            "kind": "page_viewed",
            "enrollment_id": enrollment["id"],
            "module_id": text["id"],
            "occurred_at": enrollment["enrolled_at"],
            "dwell_s": 40,
        }
        assert api.post("/engagement", json={"events": [event]}).json() == {"stored": 1}
        api.post("/progress", json={"course_id": course_id, "module_id": text["id"], "percent": 100})
        question = quiz["questions"][0]
        right = next(choice["id"] for choice in question["choices"] if choice["label"] == "Stop")
        answers = [{"question_id": question["id"], "choice_ids": [right]}]
        body = {
            "course_id": course_id,
            "module_id": quiz["id"],
            "attempt": {"id": str(uuid.uuid4()), "answers": answers},
        }
        done = api.post("/progress", json=body).raise_for_status().json()
        assert done["progress_percent"] == 100
        pdf = api.get("/certificate", params={"course_id": course_id})
        assert pdf.content.startswith(b"%PDF")
    return str(done["certificate_code"])


def completed(settings: Settings, manager: uuid.UUID) -> dict[str, int]:
    with caller(settings, manager) as api:
        people = api.get("/team-progress").raise_for_status().json()["people"]
    return {entry["person"]["name"]: entry["completed"] for entry in people}


def test_the_whole_line(line: Settings, chromium: Browser) -> None:
    drop(line, "demo", {"people-2026-03-01.csv": PEOPLE.encode()})
    run_job("import_people")
    manager, learner, other = (person(line, "demo", number) for number in "123")
    course_id = publish_course(line, other, "Working at height")
    require(line, course_id)
    run_job("first_pass")
    assert completed(line, manager) == {"Łukasz Żak": 0}

    code = learn(line, learner, course_id)
    assert completed(line, manager) == {"Łukasz Żak": 1}, "from the tail, before any build"
    run_job("export_events")
    run_job("build_marts")
    assert completed(line, manager) == {"Łukasz Żak": 1}, "from the marts"
    assert completed(line, other) == {"Orla Other": 0}, "another manager sees other people"

    with httpx.Client(base_url=f"http://127.0.0.1:{line.api_port}") as public:
        proof = public.get(f"/certificates/{code}").json()
    assert (proof["genuine"], proof["person_name"]) == (True, "Łukasz Żak")

    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, line, *first_password(line, manager))
    expect(page.get_by_role("heading", name="Team compliance")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Everyone is on time.")).to_be_visible(timeout=30_000)
    expect(page.locator('[data-testid="stMetricValue"]').first).to_have_text("100%")
    context.close()


@pytest.mark.parametrize(
    ("source", "manager_number", "learner_number", "team"),
    [("huebner", "10017", "10009", 16), ("adventureworks", "1", "102", 289)],
)
def test_the_same_line_with_the_real_hr_files(
    line: Settings, shared_data: Path, source: str, manager_number: str, learner_number: str, team: int
) -> None:
    files = {path.name: path.read_bytes() for path in (shared_data / "hr" / source).glob("*.csv")}
    drop(line, source, files)
    run_job("import_people")
    manager, learner = person(line, source, manager_number), person(line, source, learner_number)
    course_id = publish_course(line, manager, f"Working at height with {source}")
    code = learn(line, learner, course_id)
    run_job("first_pass")
    seen = completed(line, manager)
    assert (len(seen), sum(seen.values())) == (team, 1)
    with httpx.Client(base_url=f"http://127.0.0.1:{line.api_port}") as public:
        assert public.get(f"/certificates/{code}").json()["genuine"]

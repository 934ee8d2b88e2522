"""What a manager sees: the mart of one lake snapshot, plus what happened since, of the people below them now."""

import csv
import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.learning.schemas import ProgressIn
from api.learning.service import enroll, record_progress
from pipelines.dbt_runner import build
from pipelines.lake.export import export_events
from tests.factories import make_course, make_org_unit, make_person, make_requirement, modules_of

TODAY = datetime.now(UTC).date()


@dataclass
class Company:
    """Chief > lead > (late, done, soon) and chief > outsider; one mandatory course with a single text."""

    people: dict[str, uuid.UUID]
    course_id: uuid.UUID
    module_id: uuid.UUID


async def finish(session: AsyncSession, company: Company, who: str, percent: int = 100) -> None:
    person_id = company.people[who]
    await enroll(session, person_id=person_id, course_id=company.course_id)
    sent = ProgressIn(course_id=company.course_id, module_id=company.module_id, percent=percent)
    await record_progress(session, person_id=person_id, sent=sent)


@pytest.fixture(scope="module")
async def company(settings: Settings, database_url: str) -> Company:
    """Built into the lake once; what tests add later is the tail."""
    from api.courses.models import Module  # noqa: PLC0415

    engine = make_engine(database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        plant, office = await make_org_unit(session, "Plant"), await make_org_unit(session, "Office")
        chief = await make_person(session, "Chief")
        lead = await make_person(session, "Lead", manager=chief, org_unit=office)
        old, new = date(2024, 1, 1), TODAY - timedelta(days=20)
        people = {
            "chief": chief,
            "lead": lead,
            "late": await make_person(session, "=Late Larry", manager=lead, org_unit=plant, started_on=old),
            "done": await make_person(session, "Done Dora", manager=lead, org_unit=plant, started_on=old),
            "soon": await make_person(session, "Soon Sam", manager=lead, org_unit=plant, started_on=new),
            "outsider": await make_person(session, "Outsider", manager=chief, org_unit=office, started_on=old),
        }
        text_module = Module(position=1, kind="text", title="Read", duration_s=60, body="Read.")
        course = await make_course(session, chief, "Fire safety", modules=[text_module])
        await make_requirement(session, course, due_within_days=30, valid_from=old)
        module = (await modules_of(session, course))[0]
        found = Company({name: person.id for name, person in people.items()}, course.id, module.id)
        await finish(session, found, "done")
        await session.commit()
    await engine.dispose()
    export_events(settings)
    list(build(settings))
    return found


@pytest.fixture
def get(api: httpx.AsyncClient, company: Company, token_for: Callable[..., dict[str, str]]):
    async def ask(path: str, who: str, **query: object) -> httpx.Response:
        return await api.get(path, params=query, headers=token_for(company.people[who]))

    return ask


async def test_a_manager_sees_the_people_below_them_and_nobody_else(get) -> None:
    async def names(who: str) -> set[str]:
        return {p["person"]["name"] for p in (await get("/team-progress", who)).json()["people"]}

    assert await names("lead") == {"=Late Larry", "Done Dora", "Soon Sam"}
    assert await names("chief") == {"Lead", "=Late Larry", "Done Dora", "Soon Sam", "Outsider"}


async def test_status_follows_from_completion_and_the_due_day(get) -> None:
    report = (await get("/compliance-report", "lead")).json()
    status = {item["person"]["name"]: item["status"] for item in report["items"]}
    assert status == {"=Late Larry": "overdue", "Done Dora": "compliant", "Soon Sam": "due_soon"}
    assert report["kpis"]["compliance_rate"]["value"] == 0.5
    assert report["kpis"]["overdue"]["value"] == 1
    (cell,) = report["matrix"]
    figures = {"team": "Plant", "course": "Fire safety", "compliant": 1, "overdue": 1, "due_soon": 1, "total": 3}
    assert cell.items() >= {**figures, "rate": 0.5}.items()


async def test_somebody_with_nobody_below_is_told_so(get) -> None:
    answer = await get("/compliance-report", "done")
    assert (answer.status_code, answer.json()["title"]) == (403, "Nobody is below you")


async def test_a_token_without_the_manager_role_sees_no_team(
    api: httpx.AsyncClient, company: Company, token_for: Callable[..., dict[str, str]]
) -> None:
    answer = await api.get("/team-progress", headers=token_for(company.people["chief"], "employee"))
    assert answer.status_code == 403


async def test_a_person_outside_the_team_gives_nothing_even_when_asked_for_by_id(get, company: Company) -> None:
    answer = await get("/team-progress", "lead", person_id=company.people["outsider"])
    assert answer.json()["items"] == []


async def test_what_a_learner_does_is_in_the_next_request_without_a_build(
    get, company: Company, committed: AsyncSession
) -> None:
    before = (await get("/compliance-report", "lead")).json()
    await finish(committed, company, "soon")
    await committed.commit()
    after = (await get("/compliance-report", "lead")).json()
    status = {item["person"]["name"]: item["status"] for item in after["items"]}
    assert status["Soon Sam"] == "compliant"
    assert after["freshness"]["lake_snapshot"] == before["freshness"]["lake_snapshot"]
    assert after["freshness"]["tail_events"] == before["freshness"]["tail_events"] + 3
    assert after["kpis"]["compliance_rate"]["value"] == pytest.approx(2 / 3)
    progress = (await get("/team-progress", "lead")).json()
    dora_and_sam = {p["person"]["name"]: p["completed"] for p in progress["people"]}
    assert dora_and_sam == {"=Late Larry": 0, "Done Dora": 1, "Soon Sam": 1}


async def test_a_person_who_moved_away_is_seen_by_the_new_manager_only(
    get, company: Company, committed: AsyncSession
) -> None:
    person = await make_person(committed, "Mover", manager=None)
    move = text(
        "update employment_version v set manager_id = :m from employment e"
        " where e.id = v.employment_id and e.person_id = :p"
    )
    for who, sees in (("lead", True), ("chief", True)):
        await committed.execute(move, {"m": company.people[who], "p": person.id})
        await committed.commit()
        names = {p["person"]["name"] for p in (await get("/team-progress", who)).json()["people"]}
        assert ("Mover" in names) is sees
    lead_sees = {p["person"]["name"] for p in (await get("/team-progress", "lead")).json()["people"]}
    assert "Mover" not in lead_sees


async def test_the_csv_has_every_item_and_no_formula(get) -> None:
    answer = await get("/compliance-report", "lead", format="csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 4
    assert {row[0] for row in rows[1:]} == {"'=Late Larry", "Done Dora", "Soon Sam"}


async def test_filters_narrow_the_figures_too(get) -> None:
    far = (await get("/compliance-report", "lead", due_from=TODAY + timedelta(days=300))).json()
    assert (far["total"], far["kpis"]["compliance_rate"]["value"], far["matrix"]) == (0, None, [])


async def test_a_creator_sees_own_courses_and_no_others(
    api: httpx.AsyncClient, company: Company, token_for: Callable[..., dict[str, str]]
) -> None:
    own = token_for(company.people["chief"], "creator")
    analytics = (await api.get(f"/course-analytics?course_id={company.course_id}", headers=own)).json()
    assert [course["course"]["name"] for course in analytics["courses"]] == ["Fire safety"]
    enrolled = analytics["detail"]["funnel"][0]
    assert (enrolled["step"], enrolled["person_count"]) == ("Enrolled", 1)
    other = token_for(company.people["lead"], "creator")
    assert (await api.get(f"/course-analytics?course_id={company.course_id}", headers=other)).status_code == 404


async def test_mart_plus_tail_is_what_a_build_of_everything_gives(get, settings: Settings) -> None:
    """Runs last: it builds what the other tests left in the tail."""
    with_tail = [(await get(path, "chief")).json() for path in ("/compliance-report", "/team-progress")]
    export_events(settings)
    list(build(settings))
    rebuilt = [(await get(path, "chief")).json() for path in ("/compliance-report", "/team-progress")]
    assert rebuilt[0]["freshness"]["tail_events"] == 0
    for before, after in zip(with_tail, rebuilt, strict=True):
        assert before["freshness"].keys() == after["freshness"].keys()
        people = {item["person"]["name"] for item in before["items"]}
        same = [item for item in after["items"] if item["person"]["name"] in people]
        assert same == before["items"]


async def test_an_export_is_in_the_audit_log_with_what_left_the_house(get, settings: Settings) -> None:
    asked = {"status": "overdue", "direct_only": "true"}
    answer = await get("/compliance-report", "lead", format="csv", **asked)
    assert answer.status_code == 200
    engine = make_engine(settings.database_url, pool_size=1)
    async with engine.connect() as connection:
        rows = (await connection.execute(text("select * from audit_entry where action like 'reports.%'"))).all()
    await engine.dispose()
    newest = rows[-1]
    assert (newest.action, newest.target_id) == ("reports.report_exported", "compliance")
    assert newest.actor_person_id
    assert (newest.after["status"], newest.after["direct_only"]) == ("overdue", True)
    assert newest.after["rows"] == len(answer.content.splitlines()) - 1
    assert newest.after["lake"]["lake_snapshot"] > 0

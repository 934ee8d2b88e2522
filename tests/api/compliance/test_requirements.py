"""The officer's routes and page, and how the record of obligations follows people, completions and rules."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.obligations import obligations
from api.compliance.refresh import Delta, refresh_obligations
from api.core import events
from api.courses.models import Course
from api.people.models import Employment, EmploymentVersion, Person
from tests.factories import make_course, make_enrollment, make_org_unit, make_person, make_requirement

TODAY = datetime.now(UTC).date()
NOW = datetime.now(UTC)


async def rows_of(session: AsyncSession, person: Person, *, all_known: bool = False) -> list[tuple[Any, ...]]:
    """(from, until before, due, is done) of what is known now, or of everything ever recorded."""
    statement = text(
        "select valid_from, valid_to, due_on, completed_at is not null from obligation where person_id = :person"
        f" {'' if all_known else 'and superseded_at is null'} order by valid_from, recorded_at"
    )
    return [tuple(row) for row in await session.execute(statement, {"person": person.id})]


async def changed(session: AsyncSession, person: Person, kind: str = "people.person_changed") -> Delta:
    """An event tells of it, and the job follows."""
    await events.record(session, kind, subject_id=person.id, actor_id=None, payload={})
    return await refresh_obligations(session)


async def employ(session: AsyncSession, person: Person, started_on: date, **version: Any) -> Employment:
    employment = Employment(
        person_id=person.id, source="test", employee_number=f"R{person.id}{started_on}", started_on=started_on
    )
    session.add(employment)
    await session.flush()
    unit = await make_org_unit(session)
    terms = {"job_title": "Clerk", "org_unit_id": unit.id, "country": "DE", "valid_from": started_on, **version}
    session.add(EmploymentVersion(employment_id=employment.id, **terms))
    await session.flush()
    return employment


@pytest.mark.parametrize(("credit", "is_done"), [(True, True), (False, False)])
async def test_a_rehire_is_asked_anew_with_or_without_credit(
    session: AsyncSession, *, credit: bool, is_done: bool
) -> None:
    person = await make_person(session, started_on=date(2020, 1, 1), ended_on=date(2021, 12, 31))
    await session.execute(text("update employment_version set valid_to = '2022-01-01'"))
    course = await make_course(session, person)
    done_at = datetime(2021, 5, 5, 12, tzinfo=UTC)
    await make_enrollment(session, person, course, enrolled_at=done_at, completed_at=done_at)
    await make_requirement(session, course, valid_from=date(2020, 1, 1), counts_rehire=credit)
    await employ(session, person, date(2024, 3, 1))
    await refresh_obligations(session, everything=True)
    old = (date(2020, 1, 1), date(2022, 1, 1), date(2020, 1, 31), True)
    assert await rows_of(session, person) == [old, (date(2024, 3, 1), None, date(2024, 3, 31), is_done)]
    (one,) = await obligations(session, person_id=person.id, on=TODAY)
    assert (one.is_open(), one.due_on) == (not is_done, date(2024, 3, 31))


async def test_a_person_moved_twice_in_a_day_owes_what_the_last_move_says_and_all_is_on_record(
    session: AsyncSession,
) -> None:
    """Nobody leads this person either, which changes nothing."""
    plant, office = [await make_org_unit(session, name) for name in ("Plant", "Office")]
    person = await make_person(session, org_unit=office, started_on=date(2024, 1, 1))
    course = await make_course(session, person)
    await make_requirement(session, course, org_unit_id=plant.id, due_from="move", valid_from=date(2024, 1, 1))
    await refresh_obligations(session, everything=True)
    assert await rows_of(session, person) == []

    async def move(unit: Any) -> Delta:
        """HR's file of the day: what was said of today is superseded."""
        (employment,) = await session.scalars(
            text("select id from employment where person_id = :id").bindparams(id=person.id)
        )
        end = {"today": TODAY, "id": employment}
        await session.execute(
            text(
                "update employment_version set superseded_at = clock_timestamp()"
                " where employment_id = :id and valid_from = :today and superseded_at is null"
            ),
            end,
        )
        await session.execute(
            text("update employment_version set valid_to = :today where employment_id = :id and superseded_at is null"),
            end,
        )
        session.add(
            EmploymentVersion(
                employment_id=employment, valid_from=TODAY, job_title="Fitter", org_unit_id=unit.id, country="DE"
            )
        )
        await session.flush()
        return await changed(session, person)

    assert await move(plant) == Delta(1, 0)
    assert await rows_of(session, person) == [(TODAY, None, TODAY + timedelta(30), False)]
    assert await move(office) == Delta(0, 1)
    assert await rows_of(session, person) == []
    assert await move(plant) == Delta(1, 0)
    assert await rows_of(session, person, all_known=True) == 2 * [(TODAY, None, TODAY + timedelta(30), False)]
    assert await refresh_obligations(session) == Delta(0, 0)


@pytest.mark.parametrize(
    ("done_at", "opens"),
    [
        ("2024-12-31T23:59:59-12:00", "2025-01-01"),
        ("2025-01-01T00:30:00+14:00", "2024-12-31"),
        ("2024-12-31T23:59:59+00:00", "2024-12-31"),
    ],
)
async def test_the_day_of_a_completion_is_the_one_in_utc_wherever_it_was_done(
    session: AsyncSession, done_at: str, opens: str
) -> None:
    moment = datetime.fromisoformat(done_at)
    person = await make_person(session, started_on=date(2024, 12, 1))
    course = await make_course(session, person)
    await make_enrollment(session, person, course, enrolled_at=moment, completed_at=moment)
    await make_requirement(session, course, valid_from=date(2024, 12, 1), every_months=12, renewal_days=0)
    await session.execute(text("set local time zone 'Pacific/Kiritimati'"))
    await refresh_obligations(session, everything=True)
    year = date.fromisoformat(opens)
    again = year.replace(year=year.year + 1)
    assert await rows_of(session, person) == [
        (date(2024, 12, 1), again, date(2024, 12, 31), True),
        (again, None, again, False),
    ]


async def test_what_is_recorded_is_what_is_derived_after_each_event_and_only_of_whom_it_tells(
    session: AsyncSession,
) -> None:
    people = [await make_person(session, f"Person {n}", country="DE" if n % 2 else "FR") for n in range(6)]
    courses = [await make_course(session, people[0], title) for title in ("One", "Two")]
    await make_requirement(session, courses[0], audience={"not": {"countries": ["FR"]}}, every_months=6)
    await make_requirement(
        session, courses[1], audience={"any": [{"jobs": ["analyst"]}, {"hired": {"from": "2030-01-01"}}]}
    )
    assert (await refresh_obligations(session)).added == 9
    await make_enrollment(session, people[1], courses[0], completed_at=NOW)
    await make_enrollment(session, people[3], courses[0], completed_at=NOW)
    assert await changed(session, people[1], "learning.course_completed") == Delta(2, 1)
    assert await refresh_obligations(session) == Delta(0, 0)
    assert await refresh_obligations(session, everything=True) == Delta(2, 1)  # of whom no event told
    for person in people:
        told = await obligations(session, person_id=person.id, on=TODAY)
        here = [row for row in await rows_of(session, person) if row[0] <= TODAY and (row[1] is None or row[1] > TODAY)]
        assert sorted((one.due_on, one.completed_at is not None) for one in told) == sorted((r[2], r[3]) for r in here)


@dataclass
class Office:
    """Two officers, one of the company and one of a plant, and two people, one of the plant."""

    api: httpx.AsyncClient
    chief: dict[str, str]
    of_plant: dict[str, str]
    worker: Person
    clerk: Person
    course: Course


@pytest.fixture
async def office(api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]) -> Office:
    plant = await make_org_unit(committed, "Plant")
    chief = await make_person(committed, "Chief", roles=("officer",))
    of_plant = await make_person(committed, "Of Plant", org_unit=plant)
    worker = await make_person(committed, "Wendy Worker", org_unit=plant, job_title="Welder")
    clerk = await make_person(committed, "Carl Clerk")
    course = await make_course(committed, chief, "Welding")
    grant = "insert into role_grant (id, account_id, role, org_unit_id) values (uuidv7(), :id, 'officer', :unit)"
    await committed.execute(text(grant), {"id": of_plant.id, "unit": plant.id})
    await committed.commit()
    headers = [token_for(one.id, "employee", "officer") for one in (chief, of_plant)]
    return Office(api, *headers, worker, clerk, course)


async def test_an_officer_makes_previews_waives_and_ends_and_all_of_it_is_on_record(
    office: Office, committed: AsyncSession
) -> None:
    rule = {"all": [{"jobs": ["welder", "Analyst"]}, {"not": {"hired": {"before": "2019-01-01"}}}]}
    wanted = {"course_id": str(office.course.id), "audience": rule, "due_from": "publication", "due_within_days": 14}

    async def post(path: str, body: Any, who: dict[str, str] | None = None) -> httpx.Response:
        return await office.api.post(path, json=body, headers=who or office.chief)

    seen = (await post("/requirements/preview", {"course_id": wanted["course_id"], "audience": rule})).json()
    assert (seen["people"], seen["done"]) == (4, 0)
    narrow = (await post("/requirements/preview", {"course_id": wanted["course_id"]}, office.of_plant)).json()
    assert {one["name"] for one in narrow["items"]} == {"Of Plant", "Wendy Worker"}
    assert (await post("/requirements", wanted, office.of_plant)).status_code == 403
    for wrong in ({"units": [wanted["course_id"]]}, {"jobs": ["a"], "countries": ["b"]}, {"all": []}, {"who": "all"}):
        assert (await post("/requirements", {**wanted, "audience": wrong})).status_code == 422, wrong
    made = [(await post("/requirements", wanted)).json()["id"] for _ in range(2)]
    assert made[0] == made[1]

    waiver = {"person_id": str(office.worker.id), "requirement_id": made[0], "reason": "On leave", "until": str(TODAY)}
    first, again = [await post("/waivers", waiver, office.of_plant) for _ in range(2)]
    assert (first.status_code, first.json()) == (200, again.json())
    assert (await post("/waivers", {**waiver, "reason": "Other"})).status_code == 409
    out = await post("/waivers", {**waiver, "person_id": str(office.clerk.id)}, office.of_plant)
    assert out.status_code == 404
    (told,) = await obligations(committed, person_id=office.worker.id, on=TODAY)
    assert (told.is_waived, told.is_open(), told.due_on) == (True, False, TODAY + timedelta(14))
    (told,) = await obligations(committed, person_id=office.worker.id, on=TODAY + timedelta(1))
    assert told.is_open()

    await refresh_obligations(committed)
    await committed.commit()
    (one,) = (await office.api.get("/requirements", headers=office.chief)).json()["items"]
    assert (one["people"], one["compliant"], one["overdue"], one["waived"]) == (4, 0, 0, 1)
    (one,) = (await office.api.get("/requirements", headers=office.of_plant)).json()["items"]
    assert one["people"] == 2
    ((waived,),) = [(await office.api.get("/waivers", headers=office.chief)).json()["items"]]
    assert (waived["person"]["name"], waived["until"], waived["reason"]) == ("Wendy Worker", str(TODAY), "On leave")
    assert (await post(f"/waivers/{waived['id']}/end", None)).status_code == 200
    assert (await office.api.get("/waivers", headers=office.chief)).json()["items"] == []

    known_at = datetime.now(UTC)
    for _ in range(2):
        assert (await post(f"/requirements/{made[0]}/end", {"ends_on": str(TODAY + timedelta(7))})).status_code == 200
    await refresh_obligations(committed)
    await committed.commit()
    address = f"/people/{office.worker.id}/obligations"
    now, then = [
        (await office.api.get(address, headers=office.of_plant, params=asked)).json()["items"]
        for asked in ({}, {"known_at": known_at.isoformat(), "valid_at": str(TODAY)})
    ]
    assert [row["valid_to"] for row in now] == [str(TODAY + timedelta(7))]
    assert [row["valid_to"] for row in then] == [None]
    kept = "select count(*) from requirement where succeeded_by is not null"
    assert await committed.scalar(text(kept)) == 1

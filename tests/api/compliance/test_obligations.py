"""Who has to learn what until when, asked of Postgres; tests/api/reports/test_mart_and_tail.py holds it to the mart."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.obligations import obligations
from api.people.models import Employment, EmploymentVersion, OrgUnit, Person
from tests.factories import make_course, make_enrollment, make_org_unit, make_person, make_requirement

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def due(session: AsyncSession, person: Person, on: date = TODAY) -> list[date]:
    """Of one person alone, which must be what everybody's list says of them."""
    of_one = await obligations(session, person_id=person.id, on=on)
    assert of_one == [one for one in await obligations(session, on=on) if one.person_id == person.id]
    return [one.due_on for one in of_one]


async def employ(
    session: AsyncSession, person: Person, unit: OrgUnit, *, country: str, started_on: date, number: str
) -> None:
    """A further employment of the person."""
    employment = Employment(person_id=person.id, source="test", employee_number=number, started_on=started_on)
    session.add(employment)
    await session.flush()
    version = {"job_title": "Clerk", "org_unit_id": unit.id, "country": country, "valid_from": started_on}
    session.add(EmploymentVersion(employment_id=employment.id, **version))
    await session.flush()


@pytest.mark.parametrize(
    ("unit", "country", "of_unit", "of_country", "is_meant"),
    [
        ("Line 1", "DE", None, None, True),
        ("Line 1", "DE", "Line 1", None, True),
        ("Line 1", "DE", "Plant", None, True),
        ("Line 1", "DE", "Works", None, True),
        ("Plant", "DE", "Line 1", None, False),
        ("Office", "DE", "Plant", None, False),
        ("Line 1", "DE", None, "DE", True),
        ("Line 1", "DE", None, "FR", False),
        ("Line 1", "DE", "Plant", "DE", True),
        ("Line 1", "DE", "Plant", "FR", False),
        ("Office", "DE", "Plant", "DE", False),
    ],
)
async def test_a_requirement_is_for_a_unit_with_all_below_it_and_for_a_country_and_both_must_hold(
    session: AsyncSession, unit: str, country: str, of_unit: str | None, of_country: str | None, *, is_meant: bool
) -> None:
    units: dict[str, OrgUnit] = {}
    for name, parent in (("Works", None), ("Plant", "Works"), ("Line 1", "Plant"), ("Office", "Works")):
        units[name] = await make_org_unit(session, name, units.get(parent or ""))
    person = await make_person(session, org_unit=units[unit], country=country, started_on=date(2026, 3, 1))
    course = await make_course(session, person)
    audience = {"org_unit_id": units[of_unit].id if of_unit else None, "country": of_country}
    await make_requirement(session, course, **audience, due_within_days=30, valid_from=date(2026, 1, 1))  # type: ignore[arg-type]
    assert await due(session, person) == ([date(2026, 3, 31)] if is_meant else [])


@pytest.mark.parametrize(
    ("started_on", "ended_on", "valid_from", "on", "expected"),
    [
        pytest.param("2026-05-20", None, "2026-01-01", "2026-06-01", "2026-05-30", id="counts from the first day"),
        pytest.param("2020-01-01", None, "2026-05-01", "2026-06-01", "2026-05-11", id="counts from when it was set"),
        pytest.param("2026-06-02", None, "2026-01-01", "2026-06-01", None, id="nobody before they begin"),
        pytest.param("2020-01-01", "2026-06-01", "2026-01-01", "2026-06-01", "2026-01-11", id="on the last day still"),
        pytest.param("2020-01-01", "2026-05-31", "2026-01-01", "2026-06-01", None, id="a leaver no more"),
        pytest.param("2020-01-01", None, "2026-06-02", "2026-06-01", None, id="not before it holds"),
    ],
)
async def test_a_duty_begins_with_the_later_of_requirement_and_employment_and_ends_with_the_employment(
    session: AsyncSession, started_on: str, ended_on: str | None, valid_from: str, on: str, expected: str | None
) -> None:
    last = date.fromisoformat(ended_on) if ended_on else None
    person = await make_person(session, started_on=date.fromisoformat(started_on), ended_on=last)
    if last:
        closed = {"to": last + timedelta(1), "person": person.id}
        await session.execute(
            text(
                "update employment_version v set valid_to = :to from employment e"
                " where e.id = v.employment_id and e.person_id = :person"
            ),
            closed,
        )
    course = await make_course(session, person)
    await make_requirement(session, course, due_within_days=10, valid_from=date.fromisoformat(valid_from))
    expected_days = [date.fromisoformat(expected)] if expected else []
    assert await due(session, person, date.fromisoformat(on)) == expected_days


async def test_of_two_employments_the_stricter_counts_and_a_rehire_counts_anew(session: AsyncSession) -> None:
    unit = await make_org_unit(session)
    both = await make_person(session, "Both", started_on=date(2026, 5, 1))
    await employ(session, both, unit, country="FR", started_on=date(2026, 2, 1), number="B2")
    back = await make_person(session, "Back", started_on=date(2020, 1, 1), ended_on=date(2020, 12, 31))
    gone = "update employment_version set valid_to = '2021-01-01' where employment_id in"
    await session.execute(text(f"{gone} (select id from employment where person_id = :person)"), {"person": back.id})
    await employ(session, back, unit, country="DE", started_on=date(2026, 5, 20), number="B3")
    course = await make_course(session, both)
    await make_requirement(session, course, due_within_days=30, valid_from=date(2019, 1, 1))
    assert await due(session, both) == [date(2026, 3, 3)]
    assert await due(session, back) == [date(2026, 6, 19)]


async def test_what_was_superseded_or_is_over_binds_nobody_and_what_is_done_is_said_to_be(
    session: AsyncSession,
) -> None:
    person = await make_person(session)
    old, ended, kept = [await make_course(session, person, title) for title in ("Old", "Ended", "Kept")]
    (await make_requirement(session, old)).superseded_at = NOW
    (await make_requirement(session, ended)).valid_to = TODAY
    requirement = await make_requirement(session, kept)
    await session.flush()
    (one,) = await obligations(session, person_id=person.id, on=TODAY)
    assert (one.title, one.requirement_id, one.is_open()) == ("Kept", requirement.id, True)

    # Begun anew after a material change: it has been done all the same, as the mart says.
    before = await make_enrollment(session, person, kept, enrolled_at=NOW - timedelta(9), completed_at=NOW)
    before.withdrawn_at = NOW
    await session.flush()
    await make_enrollment(session, person, kept, enrolled_at=NOW)
    (one,) = await obligations(session, person_id=person.id, on=TODAY)
    assert one.completed_at == NOW

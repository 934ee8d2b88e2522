"""Which completion settles which period: the cases where such systems are known to fail, as a table."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.models import Requirement
from api.compliance.refresh import Delta, refresh_obligations
from api.people.models import Person
from tests.factories import make_course, make_enrollment, make_person, make_requirement

YEARLY = {"every_months": 12, "renewal_days": 60}
CALENDAR = {"due_from": "day", "due_day": date(2024, 12, 31), "every_months": 12, "renewal_days": 90}

Row = tuple[str, str | None, str, str | None]
"""From, until before, due, done on; `*` stands for what an open period has."""


def rows(told: str) -> list[Row]:
    found = []
    for line in told.split(";"):
        start, end, due, done = line.split()
        found.append((start, None if end == "-" else end, due, None if done == "-" else done))
    return found


CASES = [
    pytest.param({}, "2024-01-01", "", "2024-01-01 - 2024-01-31 -", id="once, not done"),
    pytest.param({}, "2024-01-01", "2024-01-20", "2024-01-01 - 2024-01-31 2024-01-20", id="once, done"),
    pytest.param(
        {"valid_from": date(2024, 6, 1)},
        "2020-01-01",
        "2023-05-05",
        "2024-06-01 - 2024-07-01 2023-05-05",
        id="a requirement made after the completion counts it",
    ),
    pytest.param(
        {"valid_from": date(2024, 6, 1), "counts_earlier": False},
        "2020-01-01",
        "2023-05-05",
        "2024-06-01 - 2024-07-01 -",
        id="or does not, where it says so",
    ),
    pytest.param(
        {"valid_from": date(2024, 6, 1), **YEARLY},
        "2020-01-01",
        "2023-01-05",
        "2024-06-01 - 2024-07-01 -",
        id="done so long before that it is over",
    ),
    pytest.param(
        {"valid_from": date(2024, 6, 1), **YEARLY},
        "2020-01-01",
        "2024-03-01",
        "2024-06-01 2024-12-31 2024-07-01 2024-03-01;2024-12-31 - 2025-03-01 -",
        id="done before and good for nine months more",
    ),
    pytest.param(
        YEARLY,
        "2024-01-01",
        "2024-01-20 2024-12-10",
        "2024-01-01 2024-11-21 2024-01-31 2024-01-20;2024-11-21 2025-11-21 2025-01-20 2024-12-10;"
        "2025-11-21 - 2026-01-20 -",
        id="recertification keeps the old record, and renewing in the window keeps the anniversary",
    ),
    pytest.param(
        YEARLY,
        "2024-01-01",
        "2024-01-20 2025-03-01",
        "2024-01-01 2024-11-21 2024-01-31 2024-01-20;2024-11-21 2025-12-31 2025-01-20 2025-03-01;"
        "2025-12-31 - 2026-03-01 -",
        id="done late: the clock counts from then",
    ),
    pytest.param(
        YEARLY,
        "2024-01-01",
        "2024-01-20 2024-06-01",
        "2024-01-01 2025-04-02 2024-01-31 2024-06-01;2025-04-02 - 2025-06-01 -",
        id="done again before the window: the clock counts from then, no new period",
    ),
    pytest.param(
        YEARLY,
        "2024-01-01",
        "2024-01-20 2024-12-10 2024-12-20",
        "2024-01-01 2024-11-21 2024-01-31 2024-01-20;2024-11-21 2025-11-21 2025-01-20 2024-12-20;"
        "2025-11-21 - 2026-01-20 -",
        id="twice in one window is once",
    ),
    pytest.param(
        YEARLY,
        "2024-02-01",
        "2024-02-29 2025-02-10 2026-02-10 2027-02-10",
        "2024-02-01 2024-12-30 2024-03-02 2024-02-29;2024-12-30 2025-12-30 2025-02-28 2025-02-10;"
        "2025-12-30 2026-12-30 2026-02-28 2026-02-10;2026-12-30 2027-12-31 2027-02-28 2027-02-10;"
        "2027-12-31 - 2028-02-29 -",
        id="29 February comes back in the next leap year",
    ),
    pytest.param(
        {"due_from": "day", "due_day": date(2024, 2, 29), "every_months": 12, "renewal_days": 30},
        "2024-03-10",
        "",
        "2024-03-10 - 2025-02-28 -",
        id="29 February as a fixed day",
    ),
    pytest.param(
        CALENDAR,
        "2024-12-15",
        "",
        "2024-12-15 - 2025-12-31 -",
        id="a December hire is asked for the next year's",
    ),
    pytest.param(
        CALENDAR,
        "2020-01-01",
        "",
        "2024-01-01 - 2024-12-31 -",
        id="who was there is asked for this year's",
    ),
    pytest.param(
        CALENDAR,
        "2024-12-15",
        "2024-12-20",
        "2024-12-15 2026-10-02 2025-12-31 2024-12-20;2026-10-02 - 2026-12-31 -",
        id="a December hire who does it at once has done the next year's",
    ),
    pytest.param(
        CALENDAR,
        "2020-01-01",
        "2024-11-05 2025-10-10",
        "2024-01-01 2025-10-02 2024-12-31 2024-11-05;2025-10-02 2026-10-02 2025-12-31 2025-10-10;"
        "2026-10-02 - 2026-12-31 -",
        id="a yearly cycle",
    ),
    pytest.param(
        CALENDAR,
        "2020-01-01",
        "2025-02-05",
        "2024-01-01 2025-10-02 2024-12-31 2025-02-05;2025-10-02 - 2025-12-31 -",
        id="done late in a yearly cycle, before this year's window: this year's is still to do",
    ),
    pytest.param(
        {**CALENDAR, "renewal_days": 366},
        "2020-01-01",
        "2025-02-05",
        "2024-01-01 2026-01-01 2024-12-31 2025-02-05;2026-01-01 - 2026-12-31 -",
        id="a window of the whole year: the late one is this year's too",
    ),
    pytest.param(
        CALENDAR,
        "2020-01-01",
        "2019-03-01",
        "2024-01-01 - 2024-12-31 -",
        id="of years ago, in a yearly cycle",
    ),
    pytest.param(
        {"due_from": "publication", "due_within_days": 20},
        "2020-01-01",
        "",
        "2024-01-01 - 2024-01-21 -",
        id="days from publication",
    ),
    pytest.param(
        {"due_from": "publication", "due_within_days": 20},
        "2024-05-01",
        "",
        "2024-05-01 - 2024-05-21 -",
        id="who comes after that has the same days",
    ),
    pytest.param(
        {"due_from": "day", "due_day": date(2024, 3, 15)},
        "2020-01-01",
        "",
        "2024-01-01 - 2024-03-15 -",
        id="a day",
    ),
    pytest.param(
        {"due_from": "day", "due_day": date(2024, 3, 15)},
        "2024-03-20",
        "",
        "2024-03-20 - 2024-04-19 -",
        id="who comes after the day is not late on the first one",
    ),
    pytest.param(
        {"valid_to": date(2024, 6, 1), **YEARLY},
        "2024-01-01",
        "2024-01-20",
        "2024-01-01 2024-06-01 2024-01-31 2024-01-20",
        id="what ends asks for no further period",
    ),
]


async def recorded(session: AsyncSession, person: Person) -> list[Row]:
    statement = text(
        "select valid_from::text, valid_to::text, due_on::text, (completed_at at time zone 'UTC')::date::text"
        " from obligation where person_id = :person and superseded_at is null order by valid_from, employment_id"
    )
    return [tuple(row) for row in await session.execute(statement, {"person": person.id})]  # type: ignore[misc]


def at_noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


async def required(session: AsyncSession, person: Person, done: str = "", **terms: object) -> Requirement:
    """Of one course, completed on these days."""
    course = await make_course(session, person)
    for day in done.split():
        one = await make_enrollment(session, person, course, enrolled_at=at_noon(day), completed_at=at_noon(day))
        one.withdrawn_at = at_noon(day) + timedelta(seconds=1)
        await session.flush()
    return await make_requirement(session, course, **{"valid_from": date(2024, 1, 1), **terms})  # type: ignore[arg-type]


@pytest.mark.parametrize(("terms", "started_on", "done", "expected"), CASES)
async def test_a_period_is_settled_by_what_counts_for_it_and_the_next_opens_with_its_window(
    session: AsyncSession, terms: dict[str, object], started_on: str, done: str, expected: str
) -> None:
    person = await make_person(session, started_on=date.fromisoformat(started_on))
    await required(session, person, done, **terms)
    await refresh_obligations(session, everything=True)
    assert await recorded(session, person) == rows(expected)
    assert await refresh_obligations(session, everything=True) == Delta(0, 0)

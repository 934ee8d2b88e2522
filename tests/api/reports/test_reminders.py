"""Reminders: to whom one may send them, once a day, told as a notification."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.notifications.words import words
from tests.factories import make_course, make_person, make_requirement

TODAY = datetime.now(UTC).date()


@pytest.fixture
async def people(committed: AsyncSession) -> dict[str, uuid.UUID]:
    """Lead > (late, early); stranger; one course that is overdue for who has been here long."""
    lead = await make_person(committed, "Lead")
    found = {
        "lead": lead,
        "late": await make_person(committed, "Late", manager=lead),
        "early": await make_person(committed, "Early", manager=lead, started_on=TODAY),
        "stranger": await make_person(committed, "Stranger"),
    }
    course = await make_course(committed, lead, "Fire safety")
    await make_requirement(committed, course, due_within_days=30, valid_from=date(2024, 1, 1))
    await committed.commit()
    return {name: person.id for name, person in found.items()} | {"course": course.id}


async def test_a_reminder_reaches_whom_one_leads_and_who_is_late_once_a_day(
    api: httpx.AsyncClient,
    people: dict[str, uuid.UUID],
    committed: AsyncSession,
    token_for: Callable[..., dict[str, str]],
) -> None:
    async def remind(by: str, *whom: str, **roles: Any) -> Any:
        items = [{"person_id": str(people[one]), "course_id": str(people["course"])} for one in whom]
        answer = await api.post("/reminders", json={"items": items}, headers=token_for(people[by]))
        assert answer.status_code == 200, answer.text
        return tuple(answer.json().values())

    assert await remind("lead", "late", "early", "stranger", "lead") == (1, 0, 3), "not due, not theirs, oneself"
    assert await remind("lead", "late", "late") == (0, 1, 0), "again on the same day"
    assert await remind("stranger", "late") == (0, 0, 1)
    told = text("select person_id, facts from notification where kind = 'reminded'")
    rows = [row for row in await committed.execute(told) if row.person_id in people.values()]
    assert [row.person_id for row in rows] == [people["late"]]
    assert words("reminded", rows[0].facts).title == "Lead reminds you: Fire safety"
    assert words("reminded", rows[0].facts).text.startswith("It was due on")
    due = text("select due_on, sent_on from reminder where person_id = :id")
    (row,) = await committed.execute(due, {"id": people["late"]})
    assert row.due_on < row.sent_on <= TODAY + timedelta(days=1)

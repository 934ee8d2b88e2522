"""Days that lie ahead, days that are corrected, and who may ask for them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.identity.service import account_of
from api.people.days import follow_the_day
from api.people.models import Person
from api.people.rules import OrgUnitRow, Roster, RosterRow
from api.people.service import apply_roster, find_person

TODAY = datetime.now(UTC).date()
UNITS = [OrgUnitRow("it", "IT"), OrgUnitRow("hr", "HR", "it")]


def days(count: int) -> timedelta:
    return timedelta(days=count)


async def tell(session: AsyncSession, source: str, *rows: RosterRow, **changes: Any) -> None:
    roster = Roster(source, TODAY, "people.csv", f"{rows}{changes}", list(rows), UNITS)
    await apply_roster(session, replace(roster, **changes))
    await session.commit()


def row(source: str, number: str, manager: str | None = None, **changes: Any) -> RosterRow:
    email = f"{number}@{source}.example"
    made = RosterRow(number, f"{source} {number}", TODAY - days(400), "Engineer", "it", email, manager_number=manager)
    return replace(made, **changes)


async def test_history_tells_what_held_on_a_day_as_it_was_known_at_a_moment_to_who_may_see_it(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]
) -> None:
    await tell(committed, "a", row("a", "1"), row("a", "2", "1"), row("a", "3"), as_of=TODAY - days(10))
    before = datetime.now(UTC)
    # What HR learned late: since five days it was another job; and from next week on another unit.
    late = row("a", "2", "1", job_title="Lead", valid_from=TODAY - days(5))
    ahead = row("a", "2", "1", job_title="Lead", org_unit_code="hr", valid_from=TODAY + days(7))
    await tell(committed, "a", late, ahead, is_whole=False)
    person: dict[str, Person] = {n: await find_person(committed, f"a {n}") for n in "123"}

    async def ask(who: str, status: int = 200, role: str = "manager", **params: Any) -> list[tuple[Any, ...]]:
        account = await account_of(committed, person[who].id)
        assert account is not None
        token = token_for(account.id, "employee", role)
        answer = await api.get(f"/people/{person['2'].id}/history", params=params, headers=token)
        assert answer.status_code == status, answer.text
        versions = [v for e in answer.json().get("employments", []) for v in e["versions"]]
        return [(v["job_title"], v["org_unit"]["name"], v["manager"] and v["manager"]["name"]) for v in versions]

    assert await ask("1") == [("Engineer", "IT", "a 1"), ("Lead", "IT", "a 1"), ("Lead", "HR", "a 1")]
    assert await ask("1", valid_at=TODAY) == [("Lead", "IT", "a 1")]
    assert await ask("1", valid_at=TODAY, known_at=before.isoformat()) == [("Engineer", "IT", "a 1")]
    assert await ask("1", valid_at=TODAY + days(7)) == [("Lead", "HR", "a 1")]
    assert await ask("1", valid_at=TODAY - days(401)) == []
    await ask("2", 403, role="employee")
    assert await ask("2", valid_at=TODAY) == [("Lead", "IT", None)], "one's manager isn't below one"
    await ask("3", 404)


async def test_who_begins_later_is_known_and_gets_in_on_the_first_day_and_who_ends_gets_out_after_the_last(
    committed: AsyncSession,
) -> None:
    soon = row("b", "2", "1", started_on=TODAY + days(3), valid_from=TODAY + days(3))
    await tell(committed, "b", row("b", "1"), row("b", "3", "1", ended_on=TODAY), soon)

    async def access() -> set[str]:
        found = await committed.execute(
            text("select email::text from account where is_active and email like '%@b.example'")
        )
        return {email[0] for email in found.scalars()}

    assert await access() == {"1", "3"}
    known = "select count(*) from employment_version v join employment e on e.id = v.employment_id where source = 'b'"
    assert await committed.scalar(text(known)) == 3
    # The days pass: the first day is today, the last one was yesterday.
    await committed.execute(text("update employment set started_on = started_on - 3 where source = 'b'"))
    await committed.execute(text("update employment set ended_on = ended_on - 1 where source = 'b'"))
    assert await follow_the_day(committed) == {"accounts_opened": 1, "accounts_closed": 1}
    assert await access() == {"1", "2"}
    assert await follow_the_day(committed) == {"accounts_opened": 0, "accounts_closed": 0}

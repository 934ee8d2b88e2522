"""The data team over HTTP: what came, what waits and why, what is kept out until its source mends it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.people.rules import Refused
from api.people.service import apply_roster, hr_sources, quarantined
from tests.api.people.test_breaker import EVERYBODY, NEXT
from tests.api.people.test_roster import CHAIN, DAY, roster, row
from tests.factories import make_person

Tokens = Callable[..., dict[str, str]]


def bad(number: str, reason: str = "started_on is missing", line: int = 9) -> Refused:
    return Refused("people.csv", line, reason, {"employee_number": number}, number)


async def open_ones(session: AsyncSession) -> dict[str, datetime]:
    return {one.employee_number: one.created_at for one in await quarantined(session, source="test")}


async def test_a_row_is_in_quarantine_from_when_it_was_first_seen_until_its_source_mends_it(
    session: AsyncSession,
) -> None:
    await apply_roster(session, roster(*CHAIN, refused=[bad("8"), bad("9"), bad("9", line=10)]))
    await session.execute(text("update hr_quarantine set created_at = created_at - interval '3 days'"))
    first = await open_ones(session)
    await apply_roster(session, roster(*CHAIN, row("9", "1"), on=NEXT, refused=[bad("8", line=4)]))
    assert await open_ones(session) == {"8": first["8"]}
    healed = await quarantined(session, source="test", healed=True)
    assert [one.employee_number for one in healed] == ["9", "9"]
    changes = {"on": NEXT + timedelta(1), "is_whole": False}
    await apply_roster(session, roster(CHAIN[3], **changes))  # type: ignore[arg-type]
    assert set(await open_ones(session)) == {"8"}, "changes mend only the rows that they bring"
    await apply_roster(session, roster(row("8", "1"), **changes))  # type: ignore[arg-type]
    assert await open_ones(session) == {}


async def test_an_older_roster_knows_nothing_of_todays_quarantine(session: AsyncSession) -> None:
    await apply_roster(session, roster(*CHAIN, on=NEXT, refused=[bad("8")]))
    await apply_roster(session, roster(*CHAIN, on=DAY, refused=[bad("7")]))
    assert set(await open_ones(session)) == {"8"}


async def test_what_needs_somebody_is_said_of_each_source(session: AsyncSession) -> None:
    await apply_roster(session, roster(*EVERYBODY))
    (one,) = await hr_sources(session)
    assert (one.employed, one.is_fresh, one.problems) == (100, True, [])
    assert [(day["joined"], day["left"]) for day in one.changes] == [(100, 0)]
    (late,) = await hr_sources(session, now=datetime.now(UTC) + timedelta(hours=27))
    assert [problem.kind for problem in late.problems] == ["stale"]
    await apply_roster(session, roster(*EVERYBODY[:40], on=NEXT))
    (held,) = await hr_sources(session)
    assert [problem.kind for problem in held.problems] == ["waits"]
    assert "60 of 100 people (60%) would leave at once" in held.problems[0].says


@pytest.fixture
async def team(committed: AsyncSession, token_for: Tokens) -> dict[str, str]:
    """HR data's headers, in a company whose newest roster waits for a decision."""
    person = await make_person(committed, "Dana Data", roles=("hr_data",))
    if not (await committed.execute(text("select 1 from hr_import limit 1"))).first():
        await apply_roster(committed, replace(roster(*EVERYBODY), source="acme"))
        await apply_roster(committed, replace(roster(*EVERYBODY[:40], on=NEXT, refused=[bad("77")]), source="acme"))
    await committed.commit()
    return token_for(person.id, "employee", "hr_data")


async def test_the_data_team_looks_at_every_row_and_decides_on_what_it_looked_at(
    api: httpx.AsyncClient, team: dict[str, str], committed: AsyncSession
) -> None:
    (held,) = (await api.get("/hr/imports", params={"status": "held"}, headers=team)).json()["items"]
    assert [trip["check"] for trip in held["trips"]] == ["ends", "halved", "halved", "halved"]
    rows, after = [], 0
    while after is not None:
        page = (await api.get(f"/hr/imports/{held['id']}", params={"after": after, "limit": 25}, headers=team)).json()
        rows += page["rows"]
        after = page["next"]
    assert [one["number"] for one in rows] == list(range(1, 61))
    assert {one["kind"] for one in rows} == {"left", "refused"}
    where = f"/hr/imports/{held['id']}/approve"
    other = await api.post(where, json={"diff_checksum": "0" * 64}, headers=team)
    assert (other.status_code, other.json()["title"]) == (409, "It is not what you looked at")
    for _ in range(2):
        answer = await api.post(where, json={"diff_checksum": held["diff_checksum"]}, headers=team)
        assert (answer.status_code, answer.json()["status"]) == (200, "approved")
        assert answer.json()["decided_by"] == "Dana Data"
    late = await api.post(f"/hr/imports/{held['id']}/reject", json={}, headers=team)
    assert (late.status_code, late.json()["title"]) == (409, "There is nothing to decide")
    entry = (
        await committed.execute(text("select action, actor_account_id from audit_entry order by seq desc"))
    ).first()
    assert entry
    assert (entry.action, entry.actor_account_id is not None) == ("people.roster_approved", True)
    (source,) = (await api.get("/hr/sources", headers=team)).json()["items"]
    assert (source["source"], source["employed"], source["waiting"]) == ("acme", 100, 1)


@pytest.mark.parametrize("roles", [("employee", "manager"), ("employee", "officer"), ("auditor",)])
async def test_nobody_but_the_data_team_sees_or_decides(
    api: httpx.AsyncClient, team: dict[str, str], committed: AsyncSession, token_for: Tokens, roles: tuple[str, ...]
) -> None:
    person = await make_person(committed, "Olaf Officer")
    await committed.commit()
    headers = token_for(person.id, *roles)
    found = (await committed.execute(text("select id from hr_import"))).scalars().first()
    for path in ("/hr/sources", "/hr/imports", "/hr/quarantine", f"/hr/imports/{found}"):
        assert (await api.get(path, headers=headers)).status_code == 403
    assert (await api.post(f"/hr/imports/{found}/reject", json={}, headers=headers)).status_code == 403

"""A load that does what no company does in a day stops whole, and is applied only as somebody looked at it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.people.breaker_rules import Limit, Limits
from api.people.imports import LookedAtAnother, Undecidable
from api.people.rules import OrgUnitRow, Refused, Roster, RosterRow
from api.people.service import apply_roster, approve_import, diff_of, find_import, import_of, reject_import
from tests.api.people.test_roster import DAY, UNITS, roster, row, team

LEADS = [row(str(n), "1") for n in range(2, 6)]
EVERYBODY = [
    row("1"),
    *LEADS,
    *(row(str(n), str(2 + n % 4), location="Berlin", org_unit_code="hr" if n % 2 else "it") for n in range(6, 101)),
]
NEXT = DAY + timedelta(1)
TIGHT = Limits(cycles=True)


async def held(session: AsyncSession, *rows: RosterRow, **changes: object) -> Roster:
    """What trips the breaker after a good day; nothing of it is applied."""
    await apply_roster(session, roster(*EVERYBODY))
    before = await state(session)
    given = roster(*rows, on=NEXT, **changes)
    assert (await apply_roster(session, given)).status == "held"
    assert await state(session) == before
    return given


async def state(session: AsyncSession) -> list[tuple[str, ...]]:
    rows = await session.execute(
        text("select (e, v)::text from employment e join employment_version v on v.employment_id = e.id order by v.id")
    )
    return [tuple(one) for one in rows]


async def newest(session: AsyncSession) -> tuple[object, ...]:
    return tuple(
        (
            await session.execute(text("select id, status, trips from hr_import order by created_at desc, id desc"))
        ).first()
        or ()
    )


def moved(unit: str) -> list[RosterRow]:
    return [replace(one, org_unit_code=unit) if int(one.employee_number) > 5 else one for one in EVERYBODY]


@pytest.mark.parametrize(
    ("rows", "check", "says"),
    [
        (EVERYBODY[:40], "ends", "60 of 100 people (60%) would leave at once, more than 10%."),
        (
            [replace(one, started_on=DAY) for one in EVERYBODY],
            "ends",
            "100 of 100 people (100%) would leave at once, more than 10%.",
        ),
        (
            [replace(one, manager_number=None) for one in EVERYBODY],
            "orphans",
            "99 of 99 people (100%) would lose their manager, more than 5%.",
        ),
        (
            [one for one in EVERYBODY if one.employee_number != "2"],
            "orphans",
            "24 of 99 people (24%) would lose their manager, more than 5%.",
        ),
        (
            [replace(one, manager_number="8") if one.employee_number == "2" else one for one in EVERYBODY],
            "cycles",
            "New manager circle: ",
        ),
        (
            [replace(one, location=None) for one in EVERYBODY],
            "nulled",
            "95 of 95 values of location (100%) would be emptied, more than 50%.",
        ),
        (
            [replace(one, email=None) for one in EVERYBODY],
            "nulled",
            "100 of 100 values of email (100%) would be emptied, more than 50%.",
        ),
        (moved("it"), "halved", "HR would go from 47 people to 0."),
    ],
    ids=["ends", "starts_anew", "no_managers", "a_manager_leaves", "circle", "nulled", "no_addresses", "halved"],
)
async def test_what_no_company_does_in_a_day_stops_whole(
    session: AsyncSession, rows: list[RosterRow], check: str, says: str
) -> None:
    await held(session, *rows)
    _, _, trips = await newest(session)
    assert any(trip["check"] == check and trip["says"].startswith(says) for trip in trips), trips  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("rows", "limits"),
    [
        (EVERYBODY[:81], Limits()),  # 19 leave: a company of 100 may do that
        (EVERYBODY[:40], Limits(ends=Limit(0.60, 20), halved=Limit(1.0, 99))),
        ([replace(one, org_unit_code="new") for one in EVERYBODY], Limits(halved=Limit(0.5, 100))),
        ([replace(one, job_title="Chief", display_name="Anew") for one in EVERYBODY], Limits()),
    ],
    ids=["nineteen_leave", "its_own_limit", "halved_allowed", "all_renamed"],
)
async def test_what_a_company_may_do_passes(session: AsyncSession, rows: list[RosterRow], limits: Limits) -> None:
    units = [*UNITS, OrgUnitRow("new", "New", "top")]
    await apply_roster(session, roster(*EVERYBODY))
    outcome = await apply_roster(session, roster(*rows, on=NEXT, limits=limits, org_units=units))
    assert outcome.status == "applied", outcome.reason


async def test_a_unit_that_moves_with_its_people_has_lost_nobody(session: AsyncSession) -> None:
    await apply_roster(session, roster(*EVERYBODY))
    units = [OrgUnitRow("top", "Company"), OrgUnitRow("it", "IT", "hr"), OrgUnitRow("hr", "HR", "top")]
    assert (await apply_roster(session, roster(*EVERYBODY, on=NEXT, org_units=units))).status == "applied"


async def test_the_diff_says_row_by_row_what_would_be_different(session: AsyncSession) -> None:
    changed = replace(row("7", "6", location="Berlin", org_unit_code="it"), job_title="Chief")
    refused = Refused("people.csv", 9, "started_on is missing", {"employee_number": "8"}, "8")
    await held(session, *EVERYBODY[:5], row("new", "1"), changed, refused=[refused])
    import_id, _, _ = await newest(session)
    rows = await diff_of(session, import_id, limit=500)  # type: ignore[arg-type]
    by_number = {one.employee_number: one for one in rows}
    assert [one.kind for one in rows] == ["left"] * 93 + ["changed", "joined", "refused"]
    assert (by_number["9"].before["job_title"], by_number["9"].after) == ("Engineer", {"ended_on": str(DAY)})
    assert by_number["7"].before == {"job_title": "Engineer", "org_unit": "hr", "manager": "Person 5 (5)"}
    assert by_number["7"].after == {"job_title": "Chief", "org_unit": "it", "manager": "Person 6 (6)"}
    assert by_number["new"].after["manager"] == "Person 1 (1)"
    assert (by_number["8"].before, by_number["8"].after) == (refused.raw, {"reason": refused.reason})
    record = await import_of(session, import_id)  # type: ignore[arg-type]
    assert record.counts == {"joined": 1, "rehired": 0, "changed": 1, "left": 93, "refused": 1}


async def test_what_was_approved_is_applied_and_nothing_else(session: AsyncSession) -> None:
    given = await held(session, *EVERYBODY[:40])
    import_id, _, _ = await newest(session)
    record = await find_import(session, import_id)  # type: ignore[arg-type]
    with pytest.raises(LookedAtAnother):
        await approve_import(session, record.id, diff_checksum="0" * 64)
    for _ in range(2):
        await approve_import(session, record.id, diff_checksum=record.diff_checksum)
    assert record.status == "approved"
    assert len(await team(session, "1", NEXT)) == 99, "the pipelines apply it, not who approves"
    outcome = await apply_roster(session, given, decided=True)
    assert (outcome.status, outcome.counts["left"], outcome.import_id) == ("applied", 60, record.id)
    assert len(await team(session, "1", NEXT)) == 39
    with pytest.raises(Undecidable, match="The import is applied"):
        await reject_import(session, record.id)


async def test_what_was_approved_is_held_again_where_it_would_do_something_else_by_now(session: AsyncSession) -> None:
    given = await held(session, *EVERYBODY[:40])
    import_id, _, _ = await newest(session)
    await approve_import(session, import_id)  # type: ignore[arg-type]
    await session.execute(text("update employment_version set job_title = 'Chief'"))
    outcome = await apply_roster(session, given, decided=True)
    assert (outcome.status, "would no longer do what was approved" in (outcome.reason or "")) == ("held", True)
    assert len(await team(session, "1", NEXT)) == 99
    await approve_import(session, import_id)  # type: ignore[arg-type]
    assert (await apply_roster(session, given, decided=True)).status == "applied"


async def test_a_newer_roster_makes_one_that_waits_a_matter_of_the_past(session: AsyncSession) -> None:
    await held(session, *EVERYBODY[:40])
    import_id, _, _ = await newest(session)
    assert (await apply_roster(session, roster(*EVERYBODY, on=NEXT + timedelta(1)))).status == "applied"
    with pytest.raises(Undecidable, match="The import is superseded"):
        await approve_import(session, import_id)  # type: ignore[arg-type]


async def test_a_circle_that_was_let_pass_stops_no_further_load(session: AsyncSession) -> None:
    rows = [replace(one, manager_number="8") if one.employee_number == "2" else one for one in EVERYBODY]
    given = await held(session, *rows)
    await apply_roster(session, given, decided=True)
    again = await apply_roster(session, roster(*rows, on=NEXT + timedelta(1)))
    assert (again.status, again.counts["refused"]) == ("applied", 2)
    assert "8" in await team(session, "2", NEXT + timedelta(1)), "who is on a circle stays as they were"


async def test_changes_alone_are_judged_by_the_people_they_name(session: AsyncSession) -> None:
    await apply_roster(session, roster(*EVERYBODY))
    some = [replace(one, location=None) for one in EVERYBODY[10:40]]
    outcome = await apply_roster(session, roster(*some, on=NEXT, is_whole=False))
    assert (outcome.status, outcome.counts["left"]) == ("held", 0)
    assert "30 of 30 values of location (100%) would be emptied" in (outcome.reason or "")

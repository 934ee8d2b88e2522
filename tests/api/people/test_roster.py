"""A roster becomes persons, employments and versions; every question can be asked for its day."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.people.rules import OrgUnitRow, Refused, Roster, RosterRow
from api.people.service import apply_roster, team_of

DAY = date(2026, 3, 1)
UNITS = [OrgUnitRow("top", "Company"), OrgUnitRow("it", "IT", "top"), OrgUnitRow("hr", "HR", "top")]


def row(number: str, manager: str | None = None, **changes: object) -> RosterRow:
    return replace(
        RosterRow(number, f"Person {number}", date(2025, 1, 1), "Engineer", "it", f"{number}@example.com"),
        manager_number=manager,
        **changes,  # type: ignore[arg-type]
    )


def roster(*rows: RosterRow, on: date = DAY, **changes: object) -> Roster:
    content = f"{on}{rows}{changes}"
    return replace(Roster("test", on, "people.csv", content, list(rows), UNITS), **changes)  # type: ignore[arg-type]


async def people(session: AsyncSession) -> dict[str, str]:
    rows = await session.execute(text("select employee_number, person_id::text from employment order by started_on"))
    return dict(rows.tuples().all())


async def team(session: AsyncSession, number: str, on: date) -> set[str]:
    rows = await session.execute(text("select person_id from employment where employee_number = :n"), {"n": number})
    return {member.display_name.split()[1] for member in await team_of(session, rows.scalars().first(), on=on)}


CHAIN = (row("1"), row("2", "1"), row("3", "2"), row("4", "2"))


async def test_a_manager_has_everybody_below_direct_and_indirect(session: AsyncSession) -> None:
    outcome = await apply_roster(session, roster(*CHAIN))
    assert (outcome.status, outcome.counts["joined"]) == ("applied", 4)
    assert await team(session, "1", DAY) == {"2", "3", "4"}
    assert await team(session, "2", DAY) == {"3", "4"}
    assert await team(session, "3", DAY) == set()


async def test_the_same_content_again_changes_nothing(session: AsyncSession) -> None:
    first = await apply_roster(session, roster(*CHAIN))
    assert await apply_roster(session, roster(*CHAIN)) == first
    later = await apply_roster(session, roster(*CHAIN, on=DAY + timedelta(1)))
    assert later.counts == {"joined": 0, "rehired": 0, "changed": 0, "left": 0, "unchanged": 4, "refused": 0}


async def test_a_mover_is_below_the_new_manager_from_the_day_and_below_the_old_one_before(
    session: AsyncSession,
) -> None:
    await apply_roster(session, roster(*CHAIN))
    moved = DAY + timedelta(30)
    outcome = await apply_roster(session, roster(row("1"), row("2", "1"), row("3", "1"), row("4", "2"), on=moved))
    assert outcome.counts["changed"] == 1
    assert await team(session, "2", moved) == {"4"}
    assert await team(session, "2", moved - timedelta(1)) == {"3", "4"}


async def test_a_rehire_is_a_second_employment_of_the_same_person(session: AsyncSession) -> None:
    await apply_roster(session, roster(*CHAIN))
    await apply_roster(session, roster(*CHAIN[:3], on=DAY + timedelta(10)))
    assert await team(session, "2", DAY + timedelta(10)) == {"3"}
    back = row("4", "1", started_on=DAY + timedelta(40))
    outcome = await apply_roster(session, roster(*CHAIN[:3], back, on=DAY + timedelta(40)))
    assert outcome.counts["rehired"] == 1
    count = await session.execute(
        text("select count(*), count(distinct person_id) from employment where employee_number = '4'")
    )
    assert tuple(count.one()) == (2, 1)
    assert await team(session, "2", DAY + timedelta(41)) == {"3"}
    assert await team(session, "1", DAY + timedelta(41)) == {"2", "3", "4"}


async def test_people_below_a_manager_who_left_stay_in_the_sight_of_those_above(session: AsyncSession) -> None:
    await apply_roster(session, roster(*CHAIN))
    await apply_roster(session, roster(CHAIN[0], CHAIN[2], CHAIN[3], on=DAY + timedelta(5)))
    assert await team(session, "1", DAY + timedelta(6)) == {"3", "4"}


async def test_a_correction_on_the_same_day_supersedes_and_keeps_what_was_known(session: AsyncSession) -> None:
    await apply_roster(session, roster(*CHAIN))
    await apply_roster(session, roster(*CHAIN[:3], row("4", "2", job_title="Chief"), on=DAY + timedelta(1)))
    await apply_roster(session, roster(*CHAIN[:3], row("4", "2", job_title="Lead"), on=DAY + timedelta(1)))
    rows = await session.execute(
        text(
            "select v.job_title, v.superseded_at is null, v.valid_from from employment_version v"
            " join employment e on e.id = v.employment_id where employee_number = '4' order by v.valid_from, v.id"
        )
    )
    known = rows.tuples().all()
    assert ("Chief", False, DAY + timedelta(1)) in known
    assert ("Lead", True, DAY + timedelta(1)) in known
    assert [k for k in known if k[1]] == [("Engineer", True, date(2025, 1, 1)), ("Lead", True, DAY + timedelta(1))]


async def test_somebody_whose_line_is_refused_has_not_left(session: AsyncSession) -> None:
    await apply_roster(session, roster(*CHAIN))
    bad = Refused("people.csv", 5, "start date is missing", {"employee_number": "4"}, "4")
    outcome = await apply_roster(session, roster(*CHAIN[:3], on=DAY + timedelta(1), refused=[bad]))
    assert outcome.counts["left"] == 0
    assert "4" in await team(session, "2", DAY + timedelta(1))


async def test_an_unknown_manager_changes_nothing_for_somebody_who_has_one(session: AsyncSession) -> None:
    await apply_roster(session, roster(*CHAIN))
    await apply_roster(session, roster(*CHAIN[:3], row("4", "999"), on=DAY + timedelta(1)))
    assert "4" in await team(session, "2", DAY + timedelta(1))


async def test_a_termination_that_was_revoked_opens_the_employment_again(session: AsyncSession) -> None:
    await apply_roster(session, roster(*CHAIN))
    await apply_roster(session, roster(*CHAIN[:3], on=DAY + timedelta(10)))
    await apply_roster(session, roster(*CHAIN, on=DAY + timedelta(12)))
    assert await team(session, "2", DAY + timedelta(12)) == {"3", "4"}


async def test_told_history_gives_a_version_for_each_stretch(session: AsyncSession) -> None:
    told = [
        row("2", "1", org_unit_code="hr", valid_from=date(2025, 1, 1)),
        row("2", "1", org_unit_code="it", valid_from=date(2025, 6, 1)),
    ]
    for day in (DAY, DAY + timedelta(1)):
        await apply_roster(session, roster(row("1"), *told, on=day))
    rows = await session.execute(
        text(
            "select u.code, v.valid_from, v.valid_to from employment_version v join org_unit u on u.id = v.org_unit_id"
            " join employment e on e.id = v.employment_id where e.employee_number = '2' order by v.valid_from"
        )
    )
    assert rows.tuples().all() == [("hr", date(2025, 1, 1), date(2025, 6, 1)), ("it", date(2025, 6, 1), None)]


async def test_an_active_person_has_an_account_and_a_leaver_has_a_closed_one(session: AsyncSession) -> None:
    await apply_roster(session, roster(*CHAIN))
    await apply_roster(session, roster(*CHAIN[:3], on=DAY + timedelta(10)))
    rows = await session.execute(text("select email::text, is_active from account order by email"))
    assert [active for _, active in rows.tuples()] == [True, True, True, False]

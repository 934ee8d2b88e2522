"""Whatever order HR's deliveries arrive in, and however often: the employments are those of the ordered ones."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.people.rules import OrgUnitRow, Refused, Roster, RosterRow
from api.people.service import apply_roster
from tests.loops import apart

FIRST = date(2026, 3, 1)
DAYS = st.integers(0, 9).map(lambda n: FIRST + timedelta(n))
NUMBERS = ("1", "2", "3")

EMPLOYMENTS = """
select e.employee_number, e.started_on, e.ended_on, p.display_name, p.email::text, array(
    select (v.valid_from, v.valid_to, v.job_title, u.code, m.employee_number, v.location)::text
    from employment_version v join org_unit u on u.id = v.org_unit_id
    left join lateral (select employee_number from employment where person_id = v.manager_id limit 1) m on true
    where v.employment_id = e.id and v.superseded_at is null order by v.valid_from
)
from employment e join person p on p.id = e.person_id
where e.source = :source and (e.ended_on is null or e.ended_on >= e.started_on)
order by 1, 2
"""
UNITS = "select code, name, parent_code from org_unit where source = :source order by 1"
ACCESS = """
select distinct e.employee_number from employment e join account a on a.person_id = e.person_id and a.is_active
where e.source = :source order by 1
"""


@st.composite
def lines(draw: Any) -> list[RosterRow]:
    """One line of a number, or a history of it: stretches with the day each begins, which may lie ahead."""
    number = draw(st.sampled_from(NUMBERS))
    started_on = draw(st.sampled_from([date(2025, 1, 1), FIRST + timedelta(3), FIRST + timedelta(6)]))
    ended_on = draw(st.sampled_from([None, None, None, FIRST + timedelta(5), FIRST + timedelta(8)]))
    if ended_on and ended_on < started_on:
        ended_on = None
    begins = draw(st.one_of(st.just([None]), st.lists(DAYS, min_size=1, max_size=2, unique=True).map(sorted)))
    return [
        RosterRow(
            number,
            draw(st.sampled_from(["Ada", "Bo"])),
            started_on,
            draw(st.sampled_from(["Engineer", "Lead"])),
            draw(st.sampled_from(["it", "hr"])),
            f"{number}@example.com",
            ended_on,
            draw(st.sampled_from([None, *NUMBERS, "99"])),
            draw(st.sampled_from([None, "Berlin"])),
            valid_from=day,
        )
        for day in begins
    ]


@st.composite
def rosters(draw: Any) -> Roster:
    by_number = {rows[0].employee_number: rows for rows in draw(st.lists(lines(), max_size=3))}
    units = [
        OrgUnitRow(code, draw(st.sampled_from(["A", "B"])), None if code == "it" else "it") for code in ("it", "hr")
    ]
    refused = draw(st.lists(st.sampled_from(NUMBERS), max_size=1))
    return Roster(
        "",
        draw(DAYS),
        "people.csv",
        "",
        [row for number, rows in by_number.items() for row in rows if number not in refused],
        units,
        [Refused("people.csv", 2, "no name", {}, number) for number in refused],
        is_whole=draw(st.booleans()),
    )


class Deliveries(RuleBasedStateMachine):
    """Each delivery is applied as it comes, whatever its day; at the end a second source gets them in order."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = make_engine(self.url, pool_size=1)
        self.connection = self.runner.run(self.engine.connect().start())
        self.transaction = self.runner.run(self.connection.begin().start())
        self.session = AsyncSession(self.connection, join_transaction_mode="create_savepoint")
        self.told: list[Roster] = []

    @rule(roster=rosters())
    def tell(self, roster: Roster) -> None:
        moment = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=len(self.told))
        self.told.append(replace(roster, content_hash=f"{len(self.told)}", said_at=moment))
        self.deliver(self.told[-1], "as it comes")

    @rule(which=st.integers(0, 9))
    def tell_again(self, which: int) -> None:
        if which < len(self.told):
            self.deliver(self.told[which], "as it comes")

    def deliver(self, roster: Roster, source: str) -> None:
        rows = [replace(row, email=f"{row.employee_number}@{source[:2]}.example") for row in roster.rows]
        self.runner.run(apply_roster(self.session, replace(roster, source=source, rows=rows), decided=True))

    def state(self, source: str) -> list[Any]:
        async def read() -> list[Any]:
            return [
                [tuple(row) for row in await self.session.execute(text(which), {"source": source})]
                for which in (EMPLOYMENTS, UNITS, ACCESS)
            ]

        return [str(part).replace(f"@{source[:2]}.", "@") for part in self.runner.run(read())]

    def teardown(self) -> None:
        try:
            for roster in sorted(self.told, key=lambda one: (one.as_of, one.said_at)):
                self.deliver(roster, "in order")
            assert self.state("as it comes") == self.state("in order")
        finally:
            self.runner.run(self.session.close())
            self.runner.run(self.transaction.rollback())
            self.runner.run(self.connection.close())
            self.runner.run(self.engine.dispose())
            self.runner.close()


def test_deliveries_in_any_order_and_doubled_give_the_state_of_the_ordered_ones(database_url: str) -> None:
    machine = type("Machine", (Deliveries,), {"url": database_url})
    examples = int(os.environ.get("REPLAY_EXAMPLES", "12"))
    limits = settings(
        max_examples=examples, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck)
    )
    apart(lambda: run_state_machine_as_test(machine, settings=limits))

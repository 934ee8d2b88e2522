"""1,000,000 people of HR: first load, and 1 % changed with large subtrees moved; beside COPY and a set-based diff.

The limit does by hand what the product's tables need, and nothing else: COPY, one statement a table, the same indexes,
hierarchy, accounts and facts; no check, no batches, no memory of what was said. Both in this run, on this machine.

python -m tests.bench.hr_million [--quick]
"""

import asyncio
import os
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import date

import asyncpg
from sqlalchemy import text

from api.core.db import make_engine
from api.core.settings import Settings
from api.people.rules import OrgUnitRow, Roster, RosterRow
from pipelines.hr.applying import apply
from tests.bench.place import install, line, machine

UNITS = [OrgUnitRow("u0", "Company"), *(OrgUnitRow(f"u{n}", f"Unit {n}", "u0") for n in range(1, 2000))]
STARTED = date(2020, 1, 1)


def people(count: int, source: str, *, is_changed: bool) -> Iterator[RosterRow]:
    """Everybody has eight direct reports. Changed: some left and joined, 0.6 % have another job or manager, and with
    ten of these managers all below them move."""
    for n in range(count + (count // 499 if is_changed else 0)):
        if is_changed and n < count and n % 499 == 498 and n > count // 2:
            continue
        manager = None if n == 0 else (n - 1) // 8
        job = "Engineer"
        if is_changed and n % 499 in (100, 200):
            job = "Senior engineer"
        if is_changed and (n % 499 == 300 or 73 <= n < 83) and n > 72:
            manager = 1 + n % 8
        if is_changed and manager is not None and manager % 499 == 498 and manager > count // 2:
            manager = 0
        yield RosterRow(
            f"{n}", f"Person {n} Name", STARTED, job, f"u{n % 2000}", f"p{n}@{source}.example", None,
            None if manager is None else f"{manager}", "Berlin", "DE", f"cc{n % 50}",
        )  # fmt: skip


def roster(count: int, source: str, day: date, *, is_changed: bool) -> Roster:
    rows = list(people(count, source, is_changed=is_changed))
    return Roster(source, day, "people.csv", f"{day}", rows, UNITS)


STAGE = """
create temp table incoming (
    employee_number text, display_name text, started_on date, job_title text, org_unit_code text, email text,
    ended_on date, manager_number text, location text, country text, cost_center text
)
"""
COLUMNS = STAGE.split("(", 1)[1].replace(")", "").replace(" text", "").replace(" date", "").replace("\n", "").split(",")
DIFF = [
    "analyze incoming",
    """
    insert into org_unit (id, source, code, name)
    select uuidv7(), $1, org_unit_code, org_unit_code from (select distinct org_unit_code from incoming) u
    on conflict do nothing
    """,
    """
    create temp table fresh as
    select i.*, uuidv7() as person_id, uuidv7() as employment_id from incoming i
    where not exists (
        select from employment e where e.source = $1 and e.employee_number = i.employee_number
    )
    """,
    "insert into person (id, display_name, email) select person_id, display_name, email from fresh",
    """
    insert into employment (id, person_id, source, employee_number, started_on)
    select employment_id, person_id, $1, employee_number, started_on from fresh
    """,
    "insert into account (id, person_id, email, is_active) select uuidv7(), person_id, email, true from fresh",
    """
    create temp table wanted as
    select e.id as employment_id, e.person_id, e.started_on, v.id as version_id, i.job_title, u.id as org_unit_id,
        m.person_id as manager_id, i.location, i.country, i.cost_center
    from incoming i
    join employment e on e.source = $1 and e.employee_number = i.employee_number
    join org_unit u on u.source = $1 and u.code = i.org_unit_code
    left join employment m on m.source = $1 and m.employee_number = i.manager_number
    left join employment_version v on v.employment_id = e.id and v.superseded_at is null and v.valid_to is null
    where (i.job_title, u.id, m.person_id, i.location, i.country, i.cost_center)
        is distinct from (v.job_title, v.org_unit_id, v.manager_id, v.location, v.country, v.cost_center)
    """,
    """
    create temp table gone as
    select e.id, e.person_id from employment e left join incoming i on i.employee_number = e.employee_number
    where e.source = $1 and e.ended_on is null and i.employee_number is null
    """,
    """
    with closed as (
        update employment_version v set superseded_at = now()
        where v.superseded_at is null and (v.id in (select version_id from wanted)
            or v.employment_id in (select id from gone)) returning v.*
    )
    insert into employment_version (id, employment_id, valid_from, valid_to, job_title, org_unit_id, manager_id)
    select uuidv7(), employment_id, valid_from, $2, job_title, org_unit_id, manager_id from closed
    """,
    """
    insert into employment_version (id, employment_id, valid_from, job_title, org_unit_id, manager_id, location,
        country, cost_center)
    select uuidv7(), employment_id, case when version_id is null then started_on else $2 end, job_title, org_unit_id,
        manager_id, location, country, cost_center from wanted
    """,
    "update employment set ended_on = $2 - 1 where id in (select id from gone)",
    "update account set is_active = false where person_id in (select person_id from gone)",
    """
    insert into event (id, type, subject_id, payload, occurred_at)
    select uuidv7(), case when version_id is null then 'people.person_joined' else 'people.person_changed' end,
        person_id, jsonb_build_object('employment_id', employment_id, 'source', $1::text, 'effective_on', $2),
        now() from wanted
    union all
    select uuidv7(), 'people.person_left', person_id, jsonb_build_object('employment_id', id, 'source', $1::text), now()
    from gone
    """,
]


async def by_hand(url: str, rows: list[RosterRow], source: str, day: date) -> float:
    connection = await asyncpg.connect(url)
    names = [name.strip() for name in COLUMNS]
    began = time.perf_counter()
    async with connection.transaction():
        await connection.execute(STAGE)
        records = (tuple(getattr(row, name) for name in names) for row in rows)
        await connection.copy_records_to_table("incoming", records=records, columns=names)
        for statement in DIFF:
            await connection.execute(statement.replace("$1", f"'{source}'").replace("$2", f"date '{day}'"))
    seconds = time.perf_counter() - began
    await connection.close()
    return seconds


def praxis(settings: Settings, what: Roster) -> float:
    began = time.perf_counter()
    outcome = apply(settings, what)
    assert outcome.status == "applied", outcome
    print(f"   {what.source} {what.as_of}: {outcome.counts}")
    return time.perf_counter() - began


async def seen(url: str) -> int:
    """How many are below the top, by the function that access follows."""
    engine = make_engine(url, pool_size=1)
    async with engine.connect() as connection:
        top = "select person_id from employment where source = 'praxis' and employee_number = '0'"
        found = await connection.scalar(text(f"select count(*) from people_below(({top}), date '2026-01-05')"))
    await engine.dispose()
    return int(found or 0)


def main() -> None:
    count = 50_000 if "--quick" in sys.argv else int(os.environ.get("BENCH_PEOPLE", "1_000_000"))
    machine()
    cases = [("first load", date(2026, 1, 1), False), ("1 % changed", date(2026, 1, 2), True)]
    with install() as settings:
        ratios = []
        for name, day, is_changed in cases:
            rows = list(people(count, "hand", is_changed=is_changed))
            limit = asyncio.run(by_hand(settings.database_url, rows, "hand", day))
            del rows
            seconds = praxis(settings, roster(count, "praxis", day, is_changed=is_changed))
            ratios.append(seconds / limit)
            line(f"HR roster, {count:,} people, {name}", f"{seconds:.1f} s", f"by hand {limit:.1f} s", limit / seconds)
        below = asyncio.run(seen(settings.database_url))
        listed = sum(1 for _ in people(count, "praxis", is_changed=True))
        assert below == listed - 1, f"{below} of {listed - 1} people are below the top"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"   at most {peak:.2f} GiB of memory (limit 2), ratio {statistics.median(ratios):.2f} (limit 2)")


if __name__ == "__main__":
    main()

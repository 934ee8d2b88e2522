"""The manager's and the officer's page over HTTP, with access rules, beside the bare query of the same figures.

Bare: the counts by unit, course and status, the 26 weeks and the first 500 rows, of people who are already known, from
the mart as a table in memory: in DuckDB, and in Postgres with an index on the person; the quicker of both.

python -m tests.bench.team [--quick]
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import duckdb
import httpx
import psycopg2
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import lake
from api.core.db import make_engine
from api.core.settings import Settings
from tests.bench.big_company import fill, leader_of
from tests.bench.place import install, line, machine, served
from tests.processes import token_of

LIMIT_MS = 110
TEAM = """
with recursive below as (
    select person_id from seat where boss_id = '{boss}' union select s.person_id from below b join seat s on s.boss_id = b.person_id
) select person_id from below
"""
NOW = "case when completed_at is not null and coalesce(valid_until::date >= current_date, true) then 'compliant' when due_on < current_date then 'overdue' when due_on <= current_date + 14 then 'due_soon' else 'open' end"
COMPLIANCE = (
    f"select org_unit_name, course_title, {NOW} as status, count(*) from mart join team using (person_id) group by 1, 2, 3",
    """
    select day, count(*) filter (where completed_at::date <= day),
        count(*) filter (where due_on < day and coalesce(completed_at::date > day, true))
    from mart join team using (person_id) join week on assigned_on <= day group by day
    """,
    f"""
    select person_id, display_name, org_unit_name, course_title, due_on, progress_percent from mart join team using (person_id)
    where {NOW} = 'overdue' order by due_on, display_name limit 500
    """,
)
PROGRESS = (
    """
    select p.person_id, p.display_name, count(m.course_id), count(completed_at), avg(progress_percent), max(last_activity_at)
    from (select person_id, display_name from seat join team using (person_id) order by display_name limit 500) p
    left join mart_progress m on m.person_id = p.person_id group by 1, 2 order by 2
    """,
    """
    select m.person_id, m.display_name, m.org_unit_name, course_title, progress_percent, last_activity_at, completed_at
    from mart_progress m join team using (person_id) order by last_activity_at desc nulls last, m.display_name limit 500
    """,
)


def median(rounds: int, work: Callable[[], Any]) -> float:
    """In ms, after one that isn't counted."""
    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times[1:])


def bare_duckdb(settings: Settings) -> duckdb.DuckDBPyConnection:
    with lake.connect(settings, read_only=True) as source:
        marts = [
            source.execute(f"select * from lake.marts.{mart}").to_arrow_table()
            for mart in ("rpt_compliance_by_person", "rpt_team_progress")
        ]
    duck = duckdb.connect(config={"threads": 2})
    for name, mart in zip(("mart", "mart_progress"), marts, strict=True):
        duck.register("source", mart)
        duck.execute(f"create table {name} as from source")
    duck.execute("create table week as select current_date - 7 * w::integer as day from range(26) t (w)")
    duck.execute("create table seat as select distinct person_id, manager_id as boss_id, display_name from mart")
    return duck


def into_postgres(settings: Settings, duck: duckdb.DuckDBPyConnection) -> Any:
    duck.execute(f"load postgres_scanner; attach '{settings.database_url}' as pg (type postgres)")
    for name in ("mart", "mart_progress", "week", "seat"):
        duck.execute(f"create table pg.bench_{name} as from {name}")
    cursor = psycopg2.connect(settings.database_url).cursor()
    cursor.execute("create schema bench")
    for name in ("mart", "mart_progress", "week", "seat"):
        cursor.execute(f"alter table bench_{name} set schema bench; alter table bench.bench_{name} rename to {name}")
        if name != "week":
            cursor.execute(f"create index on bench.{name} (person_id)")
    cursor.execute("set search_path = bench, public; analyze mart, mart_progress, week, seat")
    return cursor


def measure(settings: Settings, people: int, rounds: int) -> None:
    asyncio.run(_fill(settings, people))
    duck = bare_duckdb(settings)
    postgres = into_postgres(settings, duck)
    callers = [(size, leader_of(size, people), "manager") for size in (50, 1000) if size < people]
    callers += [(people, 0, "manager"), (people, 1, "officer")]
    with served(settings, settings.api_port, "/health/ready", "--factory", "api.app:create_app") as port:
        for _, number, role in callers:
            headers = {"Authorization": f"Bearer {token_of(settings, f'p{number}@example.com', role)}"}
            postgres.execute("select person_id::text from account where email = %s", (f"p{number}@example.com",))
            boss = postgres.fetchone()[0]
            team = "select person_id from seat" if role == "officer" else TEAM.format(boss=boss)
            for run in (duck, postgres):
                run.execute(
                    f"drop table if exists team; create {'temp' if run is duck else 'temp'} table team as {team}"
                )
            postgres.execute("analyze team")
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120) as client:
                for path, queries in (("/compliance-report", COMPLIANCE), ("/team-progress", PROGRESS)):
                    _page(client, path, queries, duck, postgres, role, rounds)


def _page(client: httpx.Client, path: str, queries: Any, duck: Any, postgres: Any, role: str, rounds: int) -> None:
    began = time.perf_counter()
    answer = client.get(path).raise_for_status().json()
    first = 1000 * (time.perf_counter() - began)
    if path == "/compliance-report":
        people = answer["total"] // 5
    else:
        people = answer["people_total"]
    page = median(rounds, lambda: client.get(path).raise_for_status())

    def all_of(cursor: Any) -> None:
        for query in queries:
            cursor.execute(query)
            cursor.fetchall()

    bare = {"DuckDB": median(rounds, lambda: all_of(duck)), "Postgres": median(3, lambda: all_of(postgres))}
    which = min(bare, key=lambda name: bare[name])
    line(
        f"{path[1:]}, {role} of {people:,}",
        f"p50 {page:.0f} ms (first {first:,.0f})",
        f"bare {which} {bare[which]:.0f} ms",
        page / bare[which],
    )


async def _fill(settings: Settings, people: int) -> None:
    engine = make_engine(settings.database_url)
    async with AsyncSession(engine) as session:
        await fill(session, settings, people)
    await engine.dispose()


def main() -> None:
    quick = "--quick" in sys.argv
    machine()
    with install() as settings:
        measure(settings, 5_000 if quick else 100_000, 7 if quick else 15)
    print(f"\nAt most 3 times the bare query, and {LIMIT_MS} ms for the company.")


if __name__ == "__main__":
    main()

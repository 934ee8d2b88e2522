"""What it costs to record what 100,000 people owe by ten requirements, beside the bare insert of as many rows.

python -m tests.bench.duties [--quick]
"""

import asyncio
import statistics
import sys
import time
from datetime import UTC, date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from api.compliance.obligations import obligations
from api.compliance.service import refresh_obligations
from api.core import events
from api.core.db import make_engine
from api.core.settings import Settings
from tests.bench.place import install, line, machine
from tests.factories import make_course, make_org_unit, make_person, make_requirement

UNITS = 200
PEOPLE = """
    with made as (
        insert into person (id, display_name) select uuidv7(), 'Person ' || n from generate_series(1, :people) n
        returning id
    ), hired as (
        insert into employment (id, person_id, source, employee_number, started_on)
        select uuidv7(), id, 'bench', 'B' || row_number() over (), date '2015-01-01' + (random() * 3000)::int from made
        returning id, started_on
    ), numbered as (select id, started_on, row_number() over () as n from hired)
    insert into employment_version (id, employment_id, valid_from, job_title, org_unit_id, country)
    select uuidv7(), h.id, h.started_on, 'Job ' || n % 50, (cast(:units as uuid[]))[1 + n % :count],
        (array['DE', 'FR', 'PL', 'US'])[1 + n % 4] from numbered h
"""
# Half of everything was done once, some of it long ago.
DONE = """
    insert into enrollment (id, person_id, course_id, version_id, enrolled_at, completed_at, progress_percent)
    select uuidv7(), e.person_id, c.id, c.current_version_id, moment, moment, 100
    from employment e cross join course c, lateral (select now() - random() * interval '700 days' as moment) m
    where e.source = 'bench' and hashtext(e.id::text || c.id::text) % 2 = 0
"""
BARE = """
    create temp table bare (like obligation including defaults including indexes) on commit drop;
    insert into bare select * from obligation
"""


async def _company(session: AsyncSession, people: int) -> None:
    top = await make_org_unit(session)
    units = [await make_org_unit(session, f"Unit {n}", top) for n in range(UNITS)]
    owner = await make_person(session)
    await session.execute(text(PEOPLE), {"people": people, "units": [unit.id for unit in units], "count": UNITS})
    named = {"units": [str(unit.id) for unit in units[:150]]}
    rules = [
        {},
        named,
        {"countries": ["DE", "FR", "PL"]},
        {"not": {"jobs": ["Job 7"]}},
        {"all": [named, {"any": [{"countries": ["DE"]}, {"hired": {"from": "2016-01-01"}}]}]},
    ]
    for number in range(10):
        course = await make_course(session, owner, f"Course {number}")
        terms = {"every_months": 12} if number % 2 else {}
        day = date(2024, 1, 1)
        await make_requirement(session, course, valid_from=day, audience=rules[number // 2], **terms)
    await session.execute(text(DONE))
    await session.commit()
    await session.execute(text("analyze"))
    await session.commit()


async def _timed(engine: AsyncEngine, everything: bool) -> tuple[float, int, int]:
    began = time.perf_counter()
    async with AsyncSession(engine) as session:
        delta = await refresh_obligations(session, everything=everything)
        await session.commit()
    return time.perf_counter() - began, delta.added, delta.superseded


async def _all(settings: Settings, people: int) -> None:
    engine = make_engine(settings.database_url)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        await _company(session, people)
    first, added, _ = await _timed(engine, everything=True)
    async with AsyncSession(engine) as session:
        began = time.perf_counter()
        for statement in BARE.split(";"):
            await session.execute(text(statement))
        bare = time.perf_counter() - began
    line(
        f"{people:,} people, 10 requirements, {added:,} rows",
        f"{first:.1f} s",
        f"bare insert {bare:.1f} s",
        first / bare,
    )
    again, added, _ = await _timed(engine, everything=True)
    line(f"the same again, {added} rows", f"{again:.1f} s", f"bare insert {bare:.1f} s", again / bare)
    await _some(engine, people // 100, bare)


async def _some(engine: AsyncEngine, people: int, bare: float) -> None:
    """One of a hundred moves; and what one person's page asks."""
    async with AsyncSession(engine) as session:
        moved = (
            await session.scalars(
                text(
                    "update employment_version v set country = 'US' from employment e where e.id = v.employment_id"
                    f" and e.id in (select id from employment order by id limit {people}) returning e.person_id"
                )
            )
        ).all()
        for person in moved:
            await events.record(session, "people.person_changed", subject_id=person, actor_id=None, payload={})
        await session.commit()
    took, added, over = await _timed(engine, everything=False)
    line(
        f"{people:,} people changed, {added + over:,} rows",
        f"{took:.2f} s",
        f"bare insert of all {bare:.1f} s",
        took / bare,
    )
    times = []
    async with AsyncSession(engine) as session:
        for person in moved[:50]:
            began = time.perf_counter()
            await obligations(session, person_id=person, on=datetime.now(UTC).date())
            times.append(1000 * (time.perf_counter() - began))
        own = statistics.median(times)
        one = text("select * from obligation where person_id = :person and superseded_at is null")
        times = []
        for person in moved[:50]:
            began = time.perf_counter()
            (await session.execute(one, {"person": person})).all()
            times.append(1000 * (time.perf_counter() - began))
        rows = statistics.median(times)
    line("one person's obligations, derived", f"p50 {own:.1f} ms", f"their stored rows p50 {rows:.1f} ms", own / rows)
    await engine.dispose()


def main() -> None:
    machine()
    with install() as settings:
        asyncio.run(_all(settings, 5_000 if "--quick" in sys.argv else 100_000))


if __name__ == "__main__":
    main()

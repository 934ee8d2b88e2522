"""What row security costs a report: the people as the role that reads reports, beside the bare hierarchy query.

python -m tests.bench.sight [--quick]
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.rules import OPERATOR, SCOPES, Grants, Principal
from api.people.sight import Choice, seeing, seen
from data import demo
from tests.bench.place import install, line, machine

TAIL = text("select count(*) from event where subject_id = any(:people) and type like 'learning.%'")
BARE = text("select * from people_below(:me, (now() at time zone 'UTC')::date)")
EVERYBODY = text("select * from works_here((now() at time zone 'UTC')::date)")


async def _median(rounds: int, work: Callable[[], Awaitable[object]]) -> float:
    """In ms, after one that isn't counted."""
    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        await work()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times[1:])


async def _measure(engine: AsyncEngine, who: Principal, rounds: int) -> None:
    async def people() -> None:
        async with seeing(engine, who) as connection:
            await seen(connection, Choice())

    async def bare() -> None:
        statement = EVERYBODY if who.reach("officer").everyone else BARE
        async with engine.connect() as connection:
            (await connection.execute(statement, {} if statement is EVERYBODY else {"me": who.person})).all()

    async with seeing(engine, who) as connection:
        ids = {"people": [member.person_id for member in await seen(connection, Choice())]}

    async def tail_as_role() -> None:
        async with seeing(engine, who) as connection:
            await connection.scalar(TAIL, ids)

    async def tail_as_owner() -> None:
        async with engine.connect() as connection:
            await connection.scalar(TAIL, ids)

    for name, guarded, limit in (
        (f"the people of a report, {len(ids['people'])}", people, bare),
        ("all their events under the policy", tail_as_role, tail_as_owner),
    ):
        ours, theirs = await _median(rounds, guarded), await _median(rounds, limit)
        line(name, f"p50 {ours:.1f} ms", f"without row security p50 {theirs:.1f} ms", ours / theirs)


async def _all(settings: Settings, rounds: int) -> None:
    await demo.load(settings)
    engine = make_engine(settings.database_url)
    emails = {person.role: person.email for person in demo.sign_ins(settings)}
    statement = text("select id, person_id from account where email = :email")
    for role in ("manager", "executive", "compliance officer"):
        async with engine.connect() as connection:
            account = (await connection.execute(statement, {"email": emails[role]})).one()
        grants: Grants = frozenset({("officer", None)} if role == "compliance officer" else ())
        roles = frozenset({"employee", "manager"} | {granted for granted, _ in grants})
        who = Principal(account.id, account.person_id, roles, frozenset(SCOPES), OPERATOR, grants)
        await _measure(engine, who, rounds)
    await engine.dispose()


def main() -> None:
    machine()
    with install() as settings:
        asyncio.run(_all(settings, 20 if "--quick" in sys.argv else 100))


if __name__ == "__main__":
    main()

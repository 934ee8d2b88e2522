"""The circuit breaker: a load that would do what no company does in a day stops whole, with every row it would touch.

`check` is asked between staging a roster and its first write; `keep_diff` then stores what somebody decides on.
"""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Boolean, Date, Text, TextClause, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from api.people import breaker_sql as sql
from api.people.breaker_rules import Effect, Trip, trips
from api.people.rules import Refused, Roster

CIRCLE = "manager circle"
TYPES: dict[str, TypeEngine[Any]] = {
    "as_of": Date(),
    "source": Text(),
    "import_id": Uuid(),
    "refused": Text(),
    "is_whole": Boolean(),
}


async def check(session: AsyncSession, roster: Roster, scope: dict[str, Any]) -> list[Trip]:
    """Why this staged roster should wait for a decision; nothing for one that may be applied.

    Leaves the temporary table `would` for `keep_diff`, until the end of the transaction or the next check.
    """
    await session.execute(text("drop table if exists pg_temp.would"))
    circles = await _new_circles(session, roster.refused, scope)
    employs = text("select exists (select from employment where source = :source)")
    if not circles and not await session.scalar(employs, {"source": scope["source"]}):
        return []  # a source's first load ends, moves and empties nothing, and is as large as the company
    await session.execute(_typed(sql.WOULD), scope)
    found: Any = (await session.execute(text(sql.FOUND))).one()
    orphans: int = (await session.execute(_typed(sql.ORPHANS), scope)).scalar_one()
    refused = sum(not line.is_kept and CIRCLE not in line.reason for line in roster.refused)
    if not circles and max(*(int(count) for count in found), orphans, refused) < roster.limits.least:
        return []
    effect = await _effect(session, roster, scope)
    return trips(
        replace(effect, orphans=orphans, refused=refused if effect.active else 0, circles=circles), roster.limits
    )


async def _effect(session: AsyncSession, roster: Roster, scope: dict[str, Any]) -> Effect:
    """What it would do beside all there is."""
    found = (await session.execute(text(sql.FOUND))).one()
    totals = (await session.execute(_typed(sql.TOTALS), scope)).mappings().all()
    units = (await session.execute(_typed(sql.UNITS), scope)).all()
    moves = (await session.execute(text(sql.MOVES))).all()
    return Effect(
        active=sum(row["active"] for row in totals),
        ends=found.ends,
        managed=sum(row["managed"] for row in totals),
        nulled={name: (found._mapping[name], sum(row[name] for row in totals)) for name in sql.NULLABLE},
        units={unit.code: unit.name for unit in units},
        parents={unit.code: unit.parent_code for unit in roster.org_units} | {unit.code: unit.parent for unit in units},
        here={row["unit"]: row["people"] for row in totals if row["unit"]},
        moves={(row.old_unit, row.new_unit): row.people for row in moves},
        rows=len(roster.rows) + sum(not line.is_kept for line in roster.refused),
    )


async def _new_circles(session: AsyncSession, refused: Iterable[Refused], scope: dict[str, Any]) -> tuple[str, ...]:
    """One that somebody has let pass already is in quarantine, and stops no further load."""
    found = dict.fromkeys(line.reason for line in refused if line.reason.startswith(CIRCLE))
    if not found:
        return ()
    known = set(await session.scalars(_typed(sql.KNOWN_CIRCLES), scope))
    return tuple(reason.partition(";")[0] for reason in found if reason not in known)


async def counts(session: AsyncSession, roster: Roster) -> dict[str, int]:
    """How many people the roster of the last `check` would touch, by kind."""
    rows = await session.execute(text("select kind, count(*) from would where not is_same group by kind"))
    found = {"joined": 0, "rehired": 0, "changed": 0, "left": 0, **dict(rows.tuples().all())}
    return {**found, "refused": sum(not line.is_kept for line in roster.refused)}


async def keep_diff(session: AsyncSession, import_id: uuid.UUID, refused: Iterable[Refused]) -> str:
    """Store what the roster of the last `check` would do, in place of what was stored; returns its checksum."""
    await session.execute(_typed("delete from hr_diff where import_id = :import_id"), {"import_id": import_id})
    lines = [
        {
            "employee_number": line.employee_number,
            "name": None,
            "line": line.line,
            "raw": line.raw,
            "reason": line.reason,
        }
        for line in refused
        if not line.is_kept
    ]
    values = {"import_id": import_id, "refused": msgspec.json.encode(lines, enc_hook=str).decode()}
    await session.execute(_typed(sql.KEEP), values)
    return str((await session.execute(_typed(sql.CHECKSUM), {"import_id": import_id})).scalar_one())


def _typed(statement: str) -> TextClause:
    """Postgres can't guess the type of a parameter in `:as_of - 1`."""
    return text(statement).bindparams(*(bindparam(n, type_=t) for n, t in TYPES.items() if f":{n}" in statement))

"""Laying a roster beside what is known: what it says that is new, in batches, the urgent ones first."""

import dataclasses
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import asyncpg
from sqlalchemy import Boolean, Date, DateTime, Integer, Text, TextClause, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from api.people import observations_sql
from api.people import roster_stage_sql as sql
from api.people.models import HrImport
from api.people.roster_sql import UNITS
from api.people.rules import Refused, Roster, cycles

BATCH = 25_000
"""Rows that are committed together: seconds of work, so that a kill costs seconds."""

TYPES: dict[str, TypeEngine[Any]] = {
    "source": Text(),
    "as_of": Date(),
    "said_at": DateTime(timezone=True),
    "import_id": Uuid(),
    "is_whole": Boolean(),
    "is_newest": Boolean(),
    "has_dated": Boolean(),
    "whole_before": Date(),
    "size": Integer(),
    "batch": Integer(),
}
"""Postgres can't guess the type of a parameter in `:as_of - 1`."""


@dataclass(frozen=True, slots=True)
class Staged:
    """`scope` are the parameters of all statements; `people` and `batches` the numbers of the batches, in order."""

    scope: dict[str, Any]
    people: list[int]
    batches: list[int]


def typed(statement: str) -> TextClause:
    named = [name for name in TYPES if f":{name}" in statement]
    return text(statement).bindparams(*(bindparam(name, type_=TYPES[name]) for name in named))


async def driver(session: AsyncSession) -> asyncpg.Connection:
    """asyncpg's own connection of this session's transaction: COPY is not in SQLAlchemy."""
    raw = await (await session.connection()).get_raw_connection()
    connection: asyncpg.Connection = raw.driver_connection
    return connection


def without_circles(roster: Roster) -> Roster:
    """Lines on a manager circle are kept out: a wrong hierarchy would show people to the wrong managers."""
    circles = cycles({row.employee_number: row.manager_number for row in roster.rows})
    if not circles:
        return roster
    circle_of = {number: circle for circle in circles for number in circle}
    refused = [
        Refused(
            roster.file_name,
            0,
            "manager circle: " + " -> ".join([*circle, circle[0]]) + "; correct one of these managers",
            {"employee_number": number},
            number,
        )
        for number, circle in circle_of.items()
    ]
    rows = [row for row in roster.rows if row.employee_number not in circle_of]
    return dataclasses.replace(roster, rows=rows, refused=[*roster.refused, *refused])


async def stage(session: AsyncSession, roster: Roster, record: HrImport) -> dict[str, Any]:
    """Fill `seat`, `leaving` and `again`, and change nothing yet; returns the scope."""
    connection = await driver(session)
    await unstage(session)
    await connection.execute(sql.STAGE)
    rows = map(attrgetter(*sql.ROW_COLUMNS), roster.rows)
    await connection.copy_records_to_table("roster_row", records=rows, columns=sql.ROW_COLUMNS)
    units = [(unit.code, unit.name, unit.parent_code) for unit in roster.org_units]
    await connection.copy_records_to_table("roster_unit", records=units)
    held = [(line.employee_number,) for line in roster.refused if line.employee_number and not line.is_kept]
    await connection.copy_records_to_table("roster_refused", records=held)
    await connection.execute("analyze roster_row")
    scope: dict[str, Any] = {
        "source": record.source,
        "as_of": record.as_of,
        "said_at": record.said_at,
        "import_id": record.id,
        "is_whole": record.is_whole,
        "has_dated": any(row.valid_from for row in roster.rows),
        "size": BATCH,
    }
    newest = (await session.execute(typed(sql.IS_NEWEST), scope)).one()
    scope |= {"is_newest": newest.is_newest, "whole_before": newest.whole_before}
    await connection.execute(_view(scope))
    for step in (*sql.TOLD_ELSEWHERE, sql.NEWS_DATED if scope["has_dated"] else sql.NEWS, sql.NAMELESS, *sql.RESOLVE):
        await session.execute(typed(step), scope)
    for step in (sql.ABSENT, *sql.ENDING, *sql.AGAIN, sql.NOT_AGAIN, *sql.BATCHES):
        await session.execute(typed(step), scope)
    return scope


def _view(scope: dict[str, Any]) -> str:
    """A view takes no parameters."""
    source = "'" + scope["source"].replace("'", "''") + "'"
    order = f"('{scope['as_of']}'::date, '{scope['said_at'].isoformat()}'::timestamptz, '{scope['import_id']}'::uuid)"
    return (sql.WORD_NEWEST if scope["is_newest"] else sql.WORD_BEFORE).format(source=source, order=order)


async def begin(session: AsyncSession, scope: dict[str, Any]) -> Staged:
    """The first writes: units, and whose lines said nothing."""
    for step in (*UNITS, observations_sql.SILENT):
        await session.execute(typed(step), scope)
    people, batches = [
        [row[0] for row in await session.execute(text(which))] for which in (sql.NEW_BATCHES, sql.ALL_BATCHES)
    ]
    return Staged(scope, people, batches)


async def unstage(session: AsyncSession) -> None:
    """A session may apply several rosters: each begins with its own temporary tables."""
    await (await driver(session)).execute(sql.UNSTAGE)

"""Numbers whose story is not simply continued: everything that was ever said of them is told again, in order."""

from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.people import observations_sql as sql
from api.people.replay import Observation, replay
from api.people.roster_stage import driver, typed
from api.people.roster_stage_sql import ROW_COLUMNS
from api.people.rules import RosterRow


async def replay_batch(session: AsyncSession, scope: dict[str, Any]) -> None:
    """Make the employments of this batch's numbers in `again` what all observations say; versions into `desired`."""
    numbers = await session.execute(text("select employee_number from again where batch = :batch"), scope)
    told = await _told(session, scope, [row.employee_number for row in numbers])
    if not told:
        return
    connection = await driver(session)
    whole = [tuple(row) for row in await connection.fetch(sql.WHOLE, scope["source"], scope["import_id"])]
    managers = {row.manager_number for ones in told.values() for one in ones for row in one.rows}
    known = {row[0] for row in await connection.fetch(sql.KNOWN, scope["source"], list(managers - {None}))}
    spells, stretches = [], []
    for number, ones in told.items():
        for place, one in enumerate(replay(ones, whole, known)):
            spells.append((number, place, one.started_on, one.ended_on, None, False))
            stretches += [(number, place, s.since, s.until, *s.attributes) for s in one.stretches()]
    await connection.execute(sql.SPELLS)
    await connection.copy_records_to_table("spell", records=spells)
    await connection.copy_records_to_table("stretch", records=stretches)
    for step in sql.REPLAYED:
        await session.execute(typed(step), scope)
    await connection.execute(sql.UNSPELL)


async def _told(session: AsyncSession, scope: dict[str, Any], numbers: list[str]) -> dict[str, list[Observation]]:
    if not numbers:
        return {}
    rows = await (await driver(session)).fetch(sql.TOLD, scope["source"], numbers)
    told: dict[str, list[Observation]] = {number: [] for number in numbers}
    for (number, _), group in groupby(rows, key=lambda row: (row[0], tuple(row)[1:4])):
        stretches = list(group)
        first = stretches[0]
        said = [_row(number, row) for row in stretches] if first["kind"] == "present" else []
        order = (first["as_of"], first["said_at"], first["import_id"])
        told[number].append(Observation(order, first["kind"], first["is_whole"], said))
    return told


def _row(number: str, row: Any) -> RosterRow:
    return RosterRow(employee_number=number, **{name: row[name] for name in ROW_COLUMNS[1:]})

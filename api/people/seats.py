"""Whom somebody sees, for who remembers it: sets as columns, and words that stay the same as long as a set does."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.people import queries
from api.people.sight import Choice, asked, nobody


@dataclass(frozen=True, slots=True)
class Seats:
    """Whom the caller sees, as columns: one employment a person, and why."""

    employment_id: list[str]
    depth: list[int | None]
    via: list[str]


async def seats(connection: AsyncConnection, choice: Choice) -> Seats:
    """The same people as `seen`, without what is told of them; nobody is an error too."""
    found = Seats(**(await connection.execute(queries.SEATS, asked(choice))).mappings().one())
    if not found.employment_id:
        raise nobody(choice)
    return found


async def sight_state(connection: AsyncConnection) -> tuple[str, str]:
    """(people, caller): as long as `people` is the same, the company is; with the same `caller` too, so is `seats`."""
    row = (await connection.execute(text("select people, caller from sight_state()"))).one()
    return row.people or "", row.caller or ""


async def by_row(connection: AsyncConnection) -> None:
    """From here on row security looks at each row that is read, instead of first at everybody whom the caller sees."""
    await connection.execute(text("select set_config('praxis.by_row', 'on', true)"))


async def sees(connection: AsyncConnection, people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of them whom the caller sees."""
    asked = text("select id from unnest(cast(:people as uuid[])) p (id) where sees(id)")
    return set((await connection.execute(asked, {"people": list(people)})).scalars())


async def company(reader: AsyncConnection) -> tuple[dict[str, list[Any]], list[tuple[str, str, str | None]]]:
    """Everybody who works here today as columns, by name; and all units as (id, name, parent id)."""
    columns = dict((await reader.execute(queries.COMPANY)).mappings().one())
    units = [(row.id, row.name, row.parent_id) for row in await reader.execute(queries.UNITS)]
    return {name: column or [] for name, column in columns.items()}, units

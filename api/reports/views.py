"""What one answer is computed from: whom the caller sees, a mart, what is newer, and which state all that is."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.errors import Unavailable
from api.people.seats import by_row, company, seats, sight_state
from api.people.sight import Choice
from api.reports import published_queries, queries
from api.reports.duck import Cursor
from api.reports.lake_reader import LakeReader
from api.reports.published import Book, Company, Sight
from api.reports.snapshots import Snapshot, gone

ALL_TAIL = text(queries.TAIL.replace("subject_id = any(:people) and ", ""))
"""Of everybody whom row security shows."""

FEW_TAIL = text(queries.TAIL)


@dataclass(frozen=True, slots=True)
class View:
    company: Company
    sight: Sight
    book: Book
    tail: pa.Table
    snapshot: Snapshot

    @property
    def key(self) -> tuple[Hashable, ...]:
        """The same as long as an answer is: another snapshot of which this caller sees nothing new is no other one."""
        return self.sight.seats, self.book.rows, self.snapshot.day, self.snapshot.number if self.tail.num_rows else 0

    def tables(self) -> dict[str, str]:
        """By the names that queries have for them."""
        return {
            "people": self.company.people,
            "sight": self.sight.seats,
            "rows": self.book.rows,
            "subjects": self.book.subjects,
        }

    def freshness(self, found: dict[str, Any]) -> dict[str, Any]:
        """With the evidence in `found`."""
        told = self.snapshot.evidence(
            as_of_xid=self.book.as_of_xid, tail_events=self.tail.num_rows, read_at=datetime.now(UTC)
        )
        return told | found


async def view(lake: LakeReader, connection: AsyncConnection, choice: Choice, report: str, number: int | None) -> View:
    """Of the snapshot with this number, else of now; whom the caller sees is of now in both cases."""
    earlier = None if number is None else await lake.snapshots.find(number)
    people, caller = await sight_state(connection)
    kept = lake.published

    async def read_company() -> Company:
        async with lake.snapshots.reading() as reader:
            return await kept.company(*await company(reader))

    ours = await kept.companies.get(people, read_company)

    async def read_sight() -> Sight:
        return await kept.sight(ours, await seats(connection, choice))

    sight = await kept.sights.get((people, caller, choice), read_sight)
    book, snapshot = await _book(lake, ours, people, report, earlier)
    return View(ours, sight, book, await _tail(connection, sight, book, snapshot), snapshot)


async def _book(
    lake: LakeReader, ours: Company, people: str, report: str, earlier: Snapshot | None
) -> tuple[Book, Snapshot]:
    name = queries.MARTS[report].rpartition(".")[2]
    mart = await lake.snapshots.mart(name, earlier.lake_snapshot if earlier else None)
    if mart is None and earlier:
        raise gone(earlier)
    if mart is None:
        raise Unavailable(
            "The first pipeline pass has not finished: the numbers are here in a minute.", retry_after_s=20
        )
    lake_snapshot, table = mart
    snapshot = earlier or await lake.snapshots.take(lake_snapshot)

    def read(cursor: Cursor, _: int) -> tuple[pa.Table, pa.Table]:
        version = "" if earlier else f" at (version => {lake_snapshot})"
        source = published_queries.MART.format(mart=f"{queries.MARTS[report]}{version}")
        courses = f"{queries.COURSES}{version}"
        return cursor.execute(source).to_arrow_table(), cursor.execute(courses).to_arrow_table()

    async def publish() -> Book:
        return await lake.published.book(ours, report, *await lake.read(read, earlier), snapshot.day)

    return await lake.published.books.get((report, table, people, snapshot.day), publish), snapshot


async def _tail(connection: AsyncConnection, sight: Sight, book: Book, snapshot: Snapshot) -> pa.Table:
    parameters = {"as_of_xid": str(book.as_of_xid), "tail": snapshot.tail}
    if sight.person_ids:
        newer = await connection.execute(FEW_TAIL, {**parameters, "people": sight.person_ids})
    else:
        await by_row(connection)
        newer = await connection.execute(ALL_TAIL, parameters)
    return pa.Table.from_pylist([dict(row) for row in newer.mappings()], schema=queries.TAIL_SCHEMA)

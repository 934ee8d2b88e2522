"""Which state an answer is given of: a lake snapshot, where the tail of newer events ends, a day; each has a number.

Who may see whom is no part of it: that is decided when somebody asks, also where they repeat an old answer.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.core.errors import NotFound, ProblemError

TAKE = text("select number, lake_snapshot, tail::text, day, taken_at from take_report_snapshot(:lake)")
FIND = text("select number, lake_snapshot, tail::text, day, taken_at from report_snapshot where number = :number")
NEWEST = text("select max(number) from report_snapshot")
MART = text(
    """
    select s.snapshot_id, t.table_id
    from lake.ducklake_snapshot s
    join lake.ducklake_schema h on h.schema_name = 'marts'
    join lake.ducklake_table t on t.schema_id = h.schema_id and t.table_name = :name
    where s.snapshot_id = coalesce(cast(:at as bigint), (select max(snapshot_id) from lake.ducklake_snapshot))
    and s.snapshot_id >= t.begin_snapshot and (t.end_snapshot is null or s.snapshot_id < t.end_snapshot)
    and s.snapshot_id >= h.begin_snapshot and (h.end_snapshot is null or s.snapshot_id < h.end_snapshot)
    """
)
LATEST = 2**63 - 1
KEPT_DAYS = 30
"""As long as the lake keeps its own (pipelines.lake.maintenance)."""
WAY_OUT = "Leave `snapshot` out for the numbers of now; `as_of` tells what was true on a past day."


class SnapshotGone(ProblemError):
    status = 410
    title = "This snapshot is no longer kept"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`tail` is a Postgres snapshot as text: events count whose transaction it saw, so a later look finds the same."""

    number: int
    lake_snapshot: int
    tail: str
    day: date
    taken_at: datetime

    def evidence(self, *, as_of_xid: int, tail_events: int, read_at: datetime) -> dict[str, Any]:
        """Freshness as JSON, but for the rows."""
        return {
            "snapshot": self.number,
            "lake_snapshot": self.lake_snapshot,
            "as_of_xid": as_of_xid,
            "watermark": self.tail,
            "tail_events": tail_events,
            "taken_at": self.taken_at.astimezone(UTC).isoformat(),
            "read_at": read_at.astimezone(UTC).isoformat(),
        }


class Snapshots:
    """Over an engine that commits each statement, with a pool of its own: callers hold connections of another one."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def take(self, lake_snapshot: int) -> Snapshot:
        """The state of now over this lake snapshot; the same number again while nothing happens."""
        async with self._engine.connect() as connection:
            return Snapshot(**(await connection.execute(TAKE, {"lake": lake_snapshot})).mappings().one())

    async def find(self, number: int) -> Snapshot:
        async with self._engine.connect() as connection:
            row = (await connection.execute(FIND, {"number": min(number, LATEST)})).mappings().one_or_none()
            newest: int = await connection.scalar(NEWEST) or 0
        if row:
            return Snapshot(**row)
        if number <= newest:
            raise SnapshotGone(
                f"Snapshot {number} is older than the {KEPT_DAYS} days for which they are kept. {WAY_OUT}"
            )
        raise NotFound(f"There is no snapshot {number}: take the number from an answer's `freshness.snapshot`.")

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._engine.connect()

    async def mart(self, name: str, at: int | None = None) -> tuple[int, int] | None:
        """(lake snapshot, id of the table that is this mart there), of now or of an earlier one; None before a build.

        Asked of DuckLake's catalog itself: its extension takes ten times as long. Each build makes a new table.
        """
        try:
            async with self._engine.connect() as connection:
                row = (await connection.execute(MART, {"name": name, "at": at})).one_or_none()
        except ProgrammingError:  # there is no catalog yet
            return None
        return (row.snapshot_id, row.table_id) if row else None


def gone(snapshot: Snapshot) -> SnapshotGone:
    """The lake forgets its snapshots after a month."""
    return SnapshotGone(
        f"Snapshot {snapshot.number} of {snapshot.taken_at.astimezone(UTC):%d %b %Y %H:%M} UTC has left the lake, which"
        f" keeps {KEPT_DAYS} days. {WAY_OUT}"
    )

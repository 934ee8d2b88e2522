"""Reads of the lake, each in one snapshot: several queries agree with each other whatever is built meanwhile."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import duckdb
from sqlalchemy.ext.asyncio import AsyncEngine

from api.core import lake
from api.core.errors import Unavailable
from api.core.settings import Settings
from api.reports.duck import Cursor
from api.reports.published import Published
from api.reports.snapshots import Snapshot, Snapshots, gone

T = TypeVar("T")
KEPT = 64
"""Answers of a snapshot that are remembered: a page asks for the same ones at each click."""
OPEN = 3
"""Old snapshots that stay attached: opening one takes longer than most reads."""


class LakeReader:
    """One DuckDB with the lake attached, opened at the first read; each read has a cursor in a thread.

    An old snapshot has a DuckDB of its own, in which `lake` is what it was then.
    """

    def __init__(self, settings: Settings, engine: AsyncEngine) -> None:
        self._settings = settings
        self.snapshots = Snapshots(engine)
        self._roots: OrderedDict[int | None, duckdb.DuckDBPyConnection] = OrderedDict()
        self._scratch = duckdb.connect(config={"threads": 2})
        self._scratch.execute("set global TimeZone = 'UTC'")
        self.published = Published(self._scratch)
        self._opening = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gave for this key, which names the snapshot: nobody may change it."""
        with self._opening:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: T = self._kept[key]
                return found
        made = make()
        with self._opening:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def _connection(self, at: int | None) -> duckdb.DuckDBPyConnection:
        with self._opening:
            if at not in self._roots:
                self._roots[at] = lake.connect(self._settings, read_only=True, snapshot=at)
            self._roots.move_to_end(at)
            old = [known for known in self._roots if known is not None]
            for least_used in old[:-OPEN]:
                self._roots.pop(least_used)  # closed once nobody reads it any more
            return self._roots[at]

    def _read(self, work: Callable[[Cursor, int], T], at: int | None) -> T:
        cursor = self._connection(at).cursor()
        try:
            cursor.begin()
            row = cursor.execute("select id from ducklake_current_snapshot('lake')").fetchone()
            return work(cursor, int(row[0]) if row else 0)
        finally:
            cursor.close()  # ends the transaction too

    async def read(self, work: Callable[[Cursor, int], T], at: Snapshot | None = None) -> T:
        """`work(cursor, lake_snapshot)` in a thread, inside one lake transaction, of now or of an earlier snapshot.

        Unavailable before the first build, SnapshotGone where the lake has forgotten.
        """
        try:
            return await asyncio.to_thread(self._read, work, at.lake_snapshot if at else None)
        except (duckdb.CatalogException, duckdb.InvalidInputException, duckdb.BinderException) as error:
            if at:
                raise gone(at) from error
            raise Unavailable(
                "The first pipeline pass has not finished: the numbers are here in a minute.", retry_after_s=20
            ) from error
        except (duckdb.IOException, duckdb.ConnectionException) as error:
            self.close()  # the catalog's Postgres went away: the next read opens anew
            raise Unavailable("The lake can't be read right now: try again shortly.", retry_after_s=5) from error

    async def compute(self, work: Callable[[Cursor], T]) -> T:
        """`work(cursor)` in a thread, with a cursor of its own: its temporary tables are nobody else's."""

        def run() -> T:
            cursor = self._scratch.cursor()
            try:
                return work(cursor)
            finally:
                cursor.close()

        return await asyncio.to_thread(run)

    def close(self) -> None:
        with self._opening:
            for root in self._roots.values():
                root.close()
            self._roots.clear()


@asynccontextmanager
async def lake_reader(settings: Settings, engine: AsyncEngine) -> AsyncIterator[LakeReader]:
    """`engine` commits each statement: for the numbers of snapshots."""
    reader = LakeReader(settings, engine)
    try:
        yield reader
    finally:
        reader.close()

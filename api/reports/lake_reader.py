"""Reads of the lake, each in one snapshot: several queries agree with each other whatever is built meanwhile."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import duckdb

from api.core import lake
from api.core.errors import Unavailable
from api.core.settings import Settings

T = TypeVar("T")
Cursor = duckdb.DuckDBPyConnection
KEPT = 64
"""Answers of a snapshot that are remembered: a page asks for the same ones at each click."""


def rows(cursor: Cursor, query: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Rows as dicts; only the parameters that the query names, because DuckDB refuses others."""
    used = {name: value for name, value in (parameters or {}).items() if f"${name}" in query}
    cursor.execute(query, used)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class LakeReader:
    """One DuckDB with the lake attached, opened at the first read; each read has a cursor in a thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._root: duckdb.DuckDBPyConnection | None = None
        self._scratch = duckdb.connect(config={"threads": 2})
        self._scratch.execute("set global TimeZone = 'UTC'")
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

    def _connection(self) -> duckdb.DuckDBPyConnection:
        with self._opening:
            if self._root is None:
                self._root = lake.connect(self._settings, read_only=True)
            return self._root

    def _read(self, work: Callable[[Cursor, int], T]) -> T:
        cursor = self._connection().cursor()
        try:
            cursor.begin()
            row = cursor.execute("select id from ducklake_current_snapshot('lake')").fetchone()
            return work(cursor, int(row[0]) if row else 0)
        finally:
            cursor.close()  # ends the transaction too

    async def read(self, work: Callable[[Cursor, int], T]) -> T:
        """`work(cursor, snapshot_id)` in a thread, inside one lake transaction; Unavailable before the first build."""
        try:
            return await asyncio.to_thread(self._read, work)
        except (duckdb.CatalogException, duckdb.InvalidInputException, duckdb.BinderException) as error:
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
            if self._root is not None:
                self._root.close()
                self._root = None


@asynccontextmanager
async def lake_reader(settings: Settings) -> AsyncIterator[LakeReader]:
    reader = LakeReader(settings)
    try:
        yield reader
    finally:
        reader.close()

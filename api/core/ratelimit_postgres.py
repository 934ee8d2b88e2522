"""A storage of the library `limits` in Postgres, which it has none for: one statement a decision, no transaction held.

Windows are aligned to the database's clock, so all processes of all machines mean the same one.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import asyncpg
from limits.aio.storage import SlidingWindowCounterSupport, Storage
from sqlalchemy import BigInteger
from sqlalchemy.engine import URL
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base

T = TypeVar("T")


class RateWindow(Base):
    """One row per caller and budget: the window that runs, by its number since 1970, and the one before."""

    __tablename__ = "rate_window"
    __table_args__ = ({"prefixes": ["UNLOGGED"], "postgresql_with": {"fillfactor": 50}},)

    key: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger)
    current: Mapped[int]
    previous: Mapped[int]
    expires_at: Mapped[datetime]


PATIENCE_S = 1.5
"""A store that takes longer is taken for away: the request goes on without it."""

CONNECTIONS = 4

COUNT = """
insert into rate_window as w (key, slot, current, previous, expires_at)
select key, slot, amount, 0, to_timestamp((slot + 2) * span)
from (
    select key, span, amount, floor(coalesce($4, extract(epoch from statement_timestamp())) / span)::bigint as slot
    from unnest($1::text[], $2::int[], $3::int[]) as asked (key, span, amount)
) asked
order by key
on conflict (key) do update set
    previous = case
        when w.slot >= excluded.slot then w.previous
        when w.slot = excluded.slot - 1 then w.current
        else 0
    end,
    current = greatest(0, case when w.slot >= excluded.slot then w.current else 0 end + excluded.current),
    slot = greatest(w.slot, excluded.slot),
    expires_at = greatest(w.expires_at, excluded.expires_at)
"""
"""Keys in one order, so that two processes never wait for each other in a circle."""

FITS = """
where floor(
    case when w.slot >= excluded.slot then w.previous when w.slot = excluded.slot - 1 then w.current else 0 end
    * (1 - mod((coalesce($4, extract(epoch from statement_timestamp())) / $2[1])::numeric, 1))
) + case when w.slot >= excluded.slot then w.current else 0 end + excluded.current <= $5
"""

TOLD = """
returning key, previous, current, slot, coalesce($4, extract(epoch from statement_timestamp()))::float8 as now
"""

LOOK = """
select previous, current, slot, coalesce($2, extract(epoch from statement_timestamp()))::float8 as now
from rate_window where key = $1
"""

SWEEP = "delete from rate_window where expires_at < statement_timestamp()"


class PostgresStorage(Storage, SlidingWindowCounterSupport):
    """Over a small pool of its own, whose commits wait for no disk. `clock` is for tests; else the database's."""

    STORAGE_SCHEME = None

    def __init__(self, pool: asyncpg.Pool, *, clock: Callable[[], float] | None = None) -> None:
        super().__init__(wrap_exceptions=True)
        self._pool, self._clock = pool, clock

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, asyncio.TimeoutError)

    @property
    def _now(self) -> float | None:
        return self._clock() if self._clock else None

    async def count(self, asked: Sequence[tuple[str, int, int]]) -> dict[str, tuple[int, float, int, float]]:
        """Adds each (key, span, amount), whatever the limit, and tells all windows as `get_sliding_window` does."""
        keys, spans, amounts = (list(column) for column in zip(*asked, strict=True))
        rows = await self._fetch(COUNT + TOLD, keys, spans, amounts, self._now)
        span_of = dict(zip(keys, spans, strict=True))
        return {row["key"]: _window(row, span_of[row["key"]]) for row in rows}

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        if amount > limit:
            return False
        return bool(await self._fetch(COUNT + FITS + TOLD, [key], [expiry], [amount], self._now, limit))

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        rows = await self._fetch(LOOK, key, self._now)
        return _window(rows[0], expiry) if rows else (0, 0.0, 0, 0.0)

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        await self.clear(key)

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """A fixed window: the running one of the two."""
        return (await self.count([(key, expiry, amount)]))[key][2]

    async def get(self, key: str) -> int:
        rows = await self._fetch("select current from rate_window where key = $1 and expires_at > now()", key)
        return int(rows[0]["current"]) if rows else 0

    async def get_expiry(self, key: str) -> float:
        rows = await self._fetch("select extract(epoch from expires_at) as at from rate_window where key = $1", key)
        return float(rows[0]["at"]) if rows else time.time()

    async def check(self) -> bool:
        try:
            return bool(await self._fetch("select to_regclass('rate_window') is not null as is_there"))
        except self.base_exceptions:
            return False

    async def reset(self) -> int | None:
        return len(await self._fetch("delete from rate_window returning 1"))

    async def clear(self, key: str) -> None:
        await self._fetch("delete from rate_window where key = $1", key)

    async def sweep(self) -> None:
        """Forget windows that are over."""
        await self._fetch(SWEEP)

    async def _fetch(self, statement: str, *parameters: Any) -> list[asyncpg.Record]:
        return await _within(self._pool.fetch(statement, *parameters))

    async def close(self) -> None:
        """At once: nothing that is counted is worth waiting for."""
        self._pool.terminate()


async def _within(work: Awaitable[T]) -> T:
    async with asyncio.timeout(PATIENCE_S):
        return await work


def _window(row: asyncpg.Record, span: int) -> tuple[int, float, int, float]:
    """Previous count and time to live, current count and time to live, the latter a span longer, as `limits` has it."""
    passed = row["now"] / span - row["slot"]
    if passed < 1:
        left = (1 - max(0.0, passed)) * span
        return row["previous"], left if row["previous"] else 0.0, row["current"], left + span
    if passed < 2:
        left = (2 - passed) * span
        return row["current"], left, 0, left + span
    return 0, 0.0, 0, 0.0


async def open_postgres(url: URL, *, clock: Callable[[], float] | None = None) -> PostgresStorage:
    """Connected, if that can be at once: the API starts without its database too."""
    pool = await asyncpg.create_pool(
        url.set(drivername="postgresql").render_as_string(hide_password=False),
        min_size=0,
        max_size=CONNECTIONS,
        max_inactive_connection_lifetime=0,
        timeout=5,
        server_settings={"synchronous_commit": "off", "application_name": "praxis-rate"},
    )
    storage = PostgresStorage(pool, clock=clock)
    with contextlib.suppress(*storage.base_exceptions):
        async with asyncio.timeout(2):
            await pool.fetchval("select 1")
    return storage

"""Copy events from Postgres to the lake, each exactly once, whoever is killed and whoever runs twice.

The watermark is a transaction id kept in the lake itself and moved in the same DuckLake transaction as the rows.
Every transaction below `pg_snapshot_xmin` has ended, so nothing can appear below a watermark later.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import duckdb
import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  (a class with a small name)

from api.core import lake
from api.core.settings import Settings

WINDOW_ROWS = 250_000
"""Rows of one DuckLake commit, at least one whole transaction; a larger one is streamed, never held in memory."""

EXPORT_LOCK = "lake/events"

SCHEMA = """
create schema if not exists lake.core;
create table if not exists lake.core.event (
    id varchar, type varchar, actor_id varchar, subject_id varchar, payload varchar,
    occurred_at timestamptz, recorded_at timestamptz, xid bigint
);
create table if not exists lake.core.watermark (name varchar, xid bigint);
insert into lake.core.watermark
select 'event', 0 where not exists (select 1 from lake.core.watermark where name = 'event');
"""

ROWS = """
select
    id::text, type, actor_id::text, subject_id::text, payload::text,
    occurred_at, recorded_at, xid::text::bigint as xid
from event where xid >= '{from_xid}'::xid8 and xid < '{to_xid}'::xid8
"""

COPY = "insert into lake.core.event select * from postgres_query('core_db', ?)"


class WatermarkAhead(RuntimeError):
    """The lake has seen later transactions than Postgres has made: this database was restored or replaced."""


@dataclass(frozen=True)
class Exported:
    """What one call copied: transactions from `from_xid` (inclusive) to `to_xid` (exclusive)."""

    rows: int
    from_xid: int
    to_xid: int


def export_events(settings: Settings, *, window_rows: int = WINDOW_ROWS) -> Exported:
    """Copy everything that is safe to copy now, in windows of whole transactions, one commit a window."""
    with exclusive(settings, EXPORT_LOCK) as postgres, _prepared(settings) as duck:
        start = end = _watermark(duck)
        safe_xid = _safe_xid(postgres, start)
        rows = 0
        while (upper := _window_end(postgres, end, safe_xid, window_rows)) is not None:
            rows += _copy_window(duck, end, upper)
            end = upper
        return Exported(rows=rows, from_xid=start, to_xid=end)


def has_new_events(settings: Settings, since_xid: int) -> bool:
    """Whether an export that begins at `since_xid` would copy anything; asks Postgres alone, in a millisecond."""
    with closing(psycopg2.connect(settings.database_url)) as postgres:
        waiting = (
            "select 1 from event where xid >= '{}'::xid8 and xid < pg_snapshot_xmin(pg_current_snapshot()) limit 1"
        )
        return _scalar(postgres, waiting.format(since_xid)) is not None


@contextmanager
def exclusive(settings: Settings, name: str) -> Iterator[Connection]:
    """A Postgres session that alone holds the lock `name`; the lock ends with the session, even a killed one."""
    with closing(psycopg2.connect(settings.database_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtextextended(%s, 0))", (name,))
        yield connection


@contextmanager
def _prepared(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake with its tables, and Postgres beside it; under the caller's lock, as two first uses would collide."""
    with lake.connect(settings) as duck:
        duck.execute(f"attach '{settings.database_url}' as core_db (type postgres, read_only)")
        if not _has_tables(duck):
            duck.execute("begin")
            duck.execute(SCHEMA)
            duck.execute("commit")
        yield duck


def _has_tables(duck: duckdb.DuckDBPyConnection) -> bool:
    found = duck.execute(
        "select count(*) from duckdb_tables() where database_name = 'lake' and schema_name = 'core'"
    ).fetchone()
    return found == (2,)


def _watermark(duck: duckdb.DuckDBPyConnection) -> int:
    row = duck.execute("select xid from lake.core.watermark where name = 'event'").fetchone()
    assert row
    return int(row[0])


def _safe_xid(postgres: Connection, watermark: int) -> int:
    """The first transaction that may still be running; all below it have ended."""
    safe = _scalar(postgres, "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    assert safe is not None
    if safe < watermark:
        raise WatermarkAhead(
            f"The lake is at transaction {watermark}, Postgres only at {safe}: this database isn't the one that"
            " filled the lake. After a restore, rebase lake.core.watermark or start with an empty lake."
        )
    return safe


def _window_end(postgres: Connection, start: int, safe_xid: int, window_rows: int) -> int | None:
    """Where the next window ends: after about `window_rows` rows, never inside a transaction; None if none is left."""
    waiting = f"from event where xid >= '{start}'::xid8 and xid < '{safe_xid}'::xid8"
    first = _scalar(postgres, f"select xid::text::bigint {waiting} order by event.xid limit 1")
    if first is None:
        return None
    beyond = _scalar(postgres, f"select xid::text::bigint {waiting} order by event.xid offset {window_rows} limit 1")
    return safe_xid if beyond is None else max(beyond, first + 1)


def _copy_window(duck: duckdb.DuckDBPyConnection, start: int, end: int) -> int:
    """Rows and watermark in one commit; a DuckLake conflict on the watermark means that another exporter was faster."""
    duck.execute("begin")
    rows = _count(duck.execute(COPY, [ROWS.format(from_xid=start, to_xid=end)]))
    moved = _count(
        duck.execute("update lake.core.watermark set xid = ? where name = 'event' and xid = ?", [end, start])
    )
    if moved != 1:
        raise duckdb.TransactionException("Another exporter moved the watermark: nothing of this window is kept.")
    duck.execute("commit")
    return rows


def _count(changed: duckdb.DuckDBPyConnection) -> int:
    row = changed.fetchone()
    return int(row[0]) if row else 0


def _scalar(connection: Connection, statement: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
        return None if row is None else row[0]

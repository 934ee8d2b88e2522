"""Events reach the lake exactly once: whoever commits late, whoever is killed, whoever runs twice."""

import multiprocessing
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import duckdb
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812  (a class with a small name)

from api.core import lake
from api.core.settings import Settings
from pipelines.lake import export
from pipelines.lake.export import Exported, WatermarkAhead, export_events

INSERT = (
    "insert into event (id, type, subject_id, payload, occurred_at)"
    " select uuidv7(), 'learning.enrolled', uuidv7(), '{}', now() from generate_series(1, %s) returning id::text"
)


@pytest.fixture
def connect(settings: Settings) -> Iterator[Callable[[], Connection]]:
    """Opens connections; each holds a transaction of its own until it commits."""
    opened: list[Connection] = []

    def opening() -> Connection:
        opened.append(psycopg2.connect(settings.database_url))
        return opened[-1]

    yield opening
    for each in opened:
        each.close()


def insert(connection: Connection, rows: int = 1) -> set[str]:
    """Not committed yet."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, (rows,))
        return {row[0] for row in cursor.fetchall()}


def in_lake(settings: Settings) -> list[str]:
    with lake.connect(settings, read_only=True) as duck:
        return [row[0] for row in duck.execute("select id from lake.core.event").fetchall()]


def in_postgres(connect: Callable[[], Connection]) -> list[str]:
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("select id::text from event")
        return [row[0] for row in cursor.fetchall()]


def test_a_second_export_finds_nothing_new(settings: Settings, connect: Callable[[], Connection]) -> None:
    with connect() as writer:
        ids = insert(writer, 5)
    assert export_events(settings).rows >= 5
    again = export_events(settings)
    assert again.rows == 0
    assert again.from_xid == again.to_xid
    assert ids <= set(in_lake(settings))


def test_a_fact_keeps_every_field(settings: Settings, connect: Callable[[], Connection]) -> None:
    fact, actor, subject = (str(uuid.uuid4()) for _ in range(3))
    with connect() as writer, writer.cursor() as cursor:
        cursor.execute(
            "insert into event (id, type, actor_id, subject_id, payload, occurred_at)"
            " values (%s, 'learning.enrolled', %s, %s, '{\"a\": \"ż\"}', '2026-01-02 03:04:05+01') returning xid::text",
            (fact, actor, subject),
        )
        xid = int(cursor.fetchall()[0][0])
    export_events(settings)
    with lake.connect(settings, read_only=True) as duck:
        row = duck.execute(
            "select type, actor_id, subject_id, payload, epoch(occurred_at), xid from lake.core.event where id = ?",
            [fact],
        ).fetchone()
    assert row == ("learning.enrolled", actor, subject, '{"a": "ż"}', 1767319445.0, xid)


def test_a_transaction_that_commits_late_is_neither_skipped_nor_doubled(
    settings: Settings, connect: Callable[[], Connection]
) -> None:
    slow, quick = connect(), connect()
    late = insert(slow)
    early = insert(quick)
    quick.commit()
    export_events(settings)
    assert not (late | early) & set(in_lake(settings)), "nothing at or above a running transaction is safe to copy"
    slow.commit()
    assert export_events(settings).rows == 2
    assert late | early <= set(in_lake(settings))


def test_a_rolled_back_transaction_leaves_no_trace(settings: Settings, connect: Callable[[], Connection]) -> None:
    writer = connect()
    ids = insert(writer)
    writer.rollback()
    export_events(settings)
    assert not ids & set(in_lake(settings))


def test_windows_never_split_a_transaction_and_lose_none(
    settings: Settings, connect: Callable[[], Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    export_events(settings)
    windows: list[int] = []
    copy = export._copy_window

    def counted(*arguments: object) -> int:
        windows.append(copy(*arguments))  # type: ignore[arg-type]
        return windows[-1]

    monkeypatch.setattr(export, "_copy_window", counted)
    for rows in (3, 50, 1, 1, 1):
        with connect() as writer:
            insert(writer, rows)
    assert export_events(settings, window_rows=4).rows == 56
    assert windows == [3, 50, 3], "a transaction larger than a window is one window"
    assert sorted(in_lake(settings)) == sorted(in_postgres(connect))


def test_two_exporters_at_once_copy_nothing_twice(settings: Settings, connect: Callable[[], Connection]) -> None:
    with connect() as writer:
        insert(writer, 3000)
    with ThreadPoolExecutor(4) as pool:
        results: list[Exported] = list(pool.map(lambda _: export_events(settings, window_rows=100), range(4)))
    assert sum(result.rows for result in results) == 3000
    assert sorted(in_lake(settings)) == sorted(in_postgres(connect))


def test_without_the_lock_the_lake_itself_refuses_the_second_copy(
    settings: Settings, connect: Callable[[], Connection]
) -> None:
    export_events(settings)
    with connect() as writer:
        insert(writer, 10)
    with lake.connect(settings) as first, lake.connect(settings) as second:
        for duck in (first, second):
            duck.execute("begin")
            watermark = export._watermark(duck)
            duck.execute("insert into lake.core.event (id, type, xid) values ('twin', 'test.copied', 1)")
            duck.execute("update lake.core.watermark set xid = ? where xid = ?", [watermark, watermark])
        first.execute("commit")
        with pytest.raises(duckdb.TransactionException, match="conflict"):
            second.execute("commit")
    with lake.connect(settings) as duck:
        assert duck.execute("delete from lake.core.event where id = 'twin'").fetchone() == (1,)


def test_a_lake_ahead_of_its_database_is_refused(settings: Settings, connect: Callable[[], Connection]) -> None:
    with lake.connect(settings) as duck:
        right = export._watermark(duck)
        duck.execute("update lake.core.watermark set xid = xid + 1000000")
        with pytest.raises(WatermarkAhead, match="restore"):
            export_events(settings)
        duck.execute("update lake.core.watermark set xid = ?", [right])


def _write(settings: Settings, stop: threading.Event, seed: int) -> None:
    """Small transactions, a third of which commits up to 0.3 s late, some never."""
    chance = random.Random(seed)
    connection = psycopg2.connect(settings.database_url)
    while not stop.is_set():
        insert(connection, chance.randint(1, 40))
        if chance.random() < 0.3:
            time.sleep(chance.random() * 0.3)
        connection.rollback() if chance.random() < 0.1 else connection.commit()
        time.sleep(0.01)
    connection.close()


def _export_for_ever(settings: Settings) -> None:
    while True:
        export_events(settings, window_rows=100)


def test_killed_twenty_times_under_writes_nothing_is_lost_or_doubled(
    settings: Settings, connect: Callable[[], Connection]
) -> None:
    export_events(settings)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["pipelines.lake.export"])
    stop, chance = threading.Event(), random.Random(20)
    with ThreadPoolExecutor(4) as writers:
        writing = [writers.submit(_write, settings, stop, seed) for seed in range(4)]
        try:
            for _ in range(20):
                exporter = processes.Process(target=_export_for_ever, args=(settings,))
                exporter.start()
                time.sleep(0.3 + chance.random() * 0.9)
                exporter.kill()
                exporter.join()
                assert exporter.exitcode == -9, "the exporter ran until it was killed"
        finally:
            stop.set()
        for each in writing:
            each.result()
    before = len(in_lake(settings))
    export_events(settings)
    copied, recorded = in_lake(settings), in_postgres(connect)
    assert before > 1000, "the killed exporters had copied something"
    assert len(copied) == len(set(copied))
    assert sorted(copied) == sorted(recorded)

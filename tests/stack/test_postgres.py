"""The embedded server survives what happens to servers."""

import signal
from pathlib import Path

import asyncpg
import psutil
import pytest

from stack.postgres import EmbeddedPostgres


@pytest.fixture
def server(tmp_path: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(tmp_path / "postgres")


async def _value(server: EmbeddedPostgres, query: str) -> object:
    connection = await asyncpg.connect(server.url())
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_killed_server_starts_again_with_what_was_committed(server: EmbeddedPostgres) -> None:
    server.start()
    await _value(server, "create table kept as select 42 as answer")
    pid, _ = server.live() or (0, 0)
    psutil.Process(pid).send_signal(signal.SIGKILL)
    psutil.Process(pid).wait(10)
    assert server.live() is None
    server.start()
    assert await _value(server, "select answer from kept") == 42
    server.stop()


async def test_starting_twice_gives_the_same_server(server: EmbeddedPostgres) -> None:
    server.start()
    again = EmbeddedPostgres(server.root).start()
    assert again.live() == server.live()
    server.stop()
    assert server.live() is None


async def test_a_start_that_was_killed_in_initdb_begins_again(server: EmbeddedPostgres) -> None:
    (server.root / "data.new").mkdir(parents=True)
    (server.root / "data.new" / "PG_VERSION").write_text("18")
    server.start()
    assert str(await _value(server, "show server_version")).startswith("18")
    server.stop()

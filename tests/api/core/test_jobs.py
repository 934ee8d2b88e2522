"""Jobs: enqueued with what asked for them, done by a real worker process, taken up again when it is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.jobs import enqueue
from api.core.settings import ROOT, Settings
from tests.processes import environment

PROBES = """
import asyncio
from api.core.jobs import task
from sqlalchemy import text

async def mark(context, what):
    async with context.sessions.begin() as session:
        await session.execute(text("insert into probe (what) values (:what)"), {"what": what})

@task(name="note")
async def note(context, *, what):
    await mark(context, what)

@task(name="break_down")
async def break_down(context, *, what):
    await mark(context, what)
    raise ValueError("poisoned")

@task(name="linger", queue="transcode")
async def linger(context, *, what):
    await mark(context, f"{what} {context.attempt}")
    if context.attempt == 1:
        await asyncio.sleep(60)

from api import worker
asyncio.run(worker.main())
"""


@contextmanager
def working(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The worker with three tasks more, in a process of its own."""
    with (settings.home / "worker.log").open("ab") as out:
        command = [sys.executable, "-c", PROBES]
        process = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def quick(settings: Settings) -> Settings:
    return settings.model_copy(update={"worker_stalled_s": 5})


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    await connection.execute("create table if not exists probe (what text)")
    yield connection
    await connection.close()


async def until(database: asyncpg.Connection, query: str, expected: object, *, within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while (found := await database.fetchval(query)) != expected:
        assert time.monotonic() < deadline, f"{query}: {found}, not {expected}"
        await asyncio.sleep(0.05)


async def put(session: AsyncSession, task: str, what: str, **options: str) -> int:
    queue = "transcode" if task == "linger" else "light"
    return await enqueue(session, task, queue=queue, args={"what": what}, **options)


async def test_a_job_exists_only_once_its_transaction_is_committed(
    session: AsyncSession, database: asyncpg.Connection
) -> None:
    job = await put(session, "note", "unseen")
    assert await database.fetchval("select count(*) from procrastinate_jobs where id = $1", job) == 0


async def test_a_second_job_of_the_same_queueing_lock_is_the_one_that_waits(session: AsyncSession) -> None:
    first = await put(session, "note", "one", queueing_lock="same")
    assert await put(session, "note", "two", queueing_lock="same") == first
    assert await put(session, "note", "three", queueing_lock="other") != first
    held = await session.scalar(text("select args ->> 'what' from procrastinate_jobs where id = :id"), {"id": first})
    assert held == "one", "and the transaction goes on"


async def test_a_worker_does_what_was_enqueued_and_a_failed_job_is_not_repeated(
    quick: Settings, committed: AsyncSession, database: asyncpg.Connection
) -> None:
    with working(quick) as process:
        await put(committed, "note", "done")
        await put(committed, "break_down", "broken")
        await committed.commit()
        await until(database, "select count(*) from procrastinate_jobs where status = 'failed'", 1)
        await until(database, "select count(*) from probe where what in ('done', 'broken')", 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_job_whose_worker_was_stopped_or_killed_is_taken_up_again(
    quick: Settings, committed: AsyncSession, database: asyncpg.Connection, how: signal.Signals
) -> None:
    job = await put(committed, "linger", how.name)
    await committed.commit()
    with working(quick) as process:
        await until(database, f"select count(*) from probe where what = '{how.name} 1'", 1)
        os.kill(process.pid, how)
        process.wait(10)
    with working(quick):
        await until(database, f"select status::text from procrastinate_jobs where id = {job}", "succeeded")
    assert await database.fetchval(f"select count(*) from probe where what = '{how.name} 2'") == 1


def test_the_periodic_jobs_of_all_domains_are_found() -> None:
    run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
    code = "from api.worker import load_tasks, TASKS; load_tasks(); print(sorted(TASKS))"
    told = run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "forget_old_jobs" in told

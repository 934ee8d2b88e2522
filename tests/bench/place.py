"""A place to measure in: an embedded Postgres with durability on, migrated, and processes on free ports."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx
from alembic import command
from alembic.config import Config

from api.core.settings import ROOT, Settings
from stack.postgres import EmbeddedPostgres
from tests.processes import environment, free_port


@contextmanager
def install() -> Iterator[Settings]:
    """An empty, migrated install; gone at the end."""
    home = Path(tempfile.mkdtemp(prefix="praxis-bench-"))
    server = EmbeddedPostgres(home / "postgres").start()
    ports = {"api_port": free_port(), "dashboards_port": free_port()}
    settings = Settings(home=home, database_url=server.url(), rate_limits="off", **ports)
    try:
        config = Config(ROOT / "alembic.ini")
        config.attributes["url"] = settings.database_url
        command.upgrade(config, "head")
        yield settings
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def served(settings: Settings, port: int, path: str, *application: str) -> Iterator[int]:
    """One uvicorn process, warm; yields its port."""
    line = [
        sys.executable,
        "-m",
        "uvicorn",
        "--port",
        str(port),
        "--no-access-log",
        "--log-level",
        "warning",
        *application,
    ]
    process = subprocess.Popen(line, cwd=ROOT, env=environment(settings) | {"PYTHONPATH": str(ROOT)})
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}{path}", timeout=2)
                break
            except httpx.TransportError:
                time.sleep(0.1)
                if process.poll() is not None:
                    raise RuntimeError("the server did not start") from None
        yield port
    finally:
        process.terminate()
        process.wait(15)


async def _commits(url: str, clients: int, seconds: float) -> float:
    """One-row transactions a second, each on its own connection: what Postgres can commit here."""
    setup = await asyncpg.connect(url)
    await setup.execute("create table if not exists bench_commit (id bigserial primary key, body jsonb)")
    await setup.close()
    end = time.perf_counter() + seconds

    async def client() -> int:
        connection = await asyncpg.connect(url)
        statement = await connection.prepare("insert into bench_commit (body) values ($1)")
        done = 0
        while time.perf_counter() < end:
            await statement.fetch('{"from_s": 1, "to_s": 16}')
            done += 1
        await connection.close()
        return done

    return sum(await asyncio.gather(*(client() for _ in range(clients)))) / seconds


def commits(url: str, clients: int, seconds: float) -> float:
    return asyncio.run(_commits(url, clients, seconds))


def line(name: str, figure: str, limit: str, ratio: float | None) -> None:
    told = "" if ratio is None else f"{ratio:>7.2f}"
    print(f"{name:<44} {figure:>34}   {limit:>34} {told}", flush=True)


def machine() -> None:
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start\n")
    line("what", "figure", "limit", None)

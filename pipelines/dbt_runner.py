"""dbt in this process: importing it once costs less than starting it for every build (13 s became 5 s).

Everything that a run writes goes below `PRAXIS_HOME/dbt`, so the checkout may be read-only.
"""

import asyncio
import contextlib
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fasteners
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.service import refresh_obligations
from api.core import lake
from api.core.db import make_engine
from api.core.settings import ROOT, Settings
from pipelines.lake.export import exclusive

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt_common.events.base_types import EventMsg

PROJECT = ROOT / "dbt_project"

BUILD_LOCK = "dbt"


class DbtFailed(RuntimeError):
    """A model or a test failed; the message is dbt's own."""


def manifest(settings: Settings) -> Path:
    """The parsed project; parsed again only if a file of the project is newer."""
    target = settings.home / "dbt" / "target" / "manifest.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    with fasteners.InterProcessLock(str(settings.home / "dbt" / "parse.lock")):
        if not target.exists() or target.stat().st_mtime < _newest_change():
            for _ in events(settings, ["parse", "--quiet"]):
                pass
    return target


def build(settings: Settings, *arguments: str) -> Iterator[dict[str, Any]]:
    """Models and their data tests, one build at a time a database; yields dbt's events as they happen. What people owe
    is recorded first, so that the marts have it as of now and not as of the worker's last minute.

    Unit tests judge the code, not the data: the suite runs them.
    """
    with exclusive(settings, BUILD_LOCK):
        _record_obligations(settings)
        yield from events(settings, ["build", "--exclude-resource-type", "unit_test", *arguments])


def _record_obligations(settings: Settings) -> None:
    """In a thread with a loop of its own: whoever builds may stand in one."""

    async def work() -> None:
        engine = make_engine(settings.database_url, pool_size=1)
        async with AsyncSession(engine) as session, session.begin():
            await refresh_obligations(session)
        await engine.dispose()

    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambda: asyncio.run(work())).result()


def events(settings: Settings, command: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run one dbt command in a thread and yield its events; raises DbtFailed at the end if it failed."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415  (seconds that the export of each minute doesn't need)
    from dbt_common.events.functions import msg_to_dict  # noqa: PLC0415

    lake.load_extensions()
    settings.lake_dir.mkdir(parents=True, exist_ok=True)
    waiting: queue.SimpleQueue[EventMsg | None] = queue.SimpleQueue()
    results: list[dbtRunnerResult] = []

    def run() -> None:
        try:
            results.append(dbtRunner(callbacks=[waiting.put]).invoke([*command, *_places(settings)]))
        finally:
            waiting.put(None)

    thread = threading.Thread(target=run, name="dbt")
    with _environment(settings):
        thread.start()
        while (message := waiting.get()) is not None:
            yield msg_to_dict(message)
        thread.join()
    _raise_if_failed(results)


def _raise_if_failed(results: list["dbtRunnerResult"]) -> None:
    if not results:
        raise DbtFailed("dbt died; its log says why")
    result = results[0]
    if result.success:
        return
    failed = [
        f"{node.node.name}: {node.message}"
        for node in getattr(result.result, "results", None) or []
        if node.status in ("error", "fail", "runtime error")
    ]
    raise DbtFailed("; ".join(failed) or str(result.exception))


def _places(settings: Settings) -> list[str]:
    return [
        *("--project-dir", str(PROJECT)),
        *("--profiles-dir", str(PROJECT)),
        *("--target-path", str(settings.home / "dbt" / "target")),
        *("--log-path", str(settings.home / "dbt" / "logs")),
        "--no-use-colors",
    ]


@contextlib.contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """profiles.yml reads the environment: an address with a password may not stand among the arguments."""
    ours = {"PRAXIS_HOME": str(settings.home), "PRAXIS_DATABASE_URL": settings.database_url}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _newest_change() -> float:
    files = [path for path in PROJECT.rglob("*") if path.suffix in {".sql", ".yml", ".md"}]
    return max(path.stat().st_mtime for path in files)

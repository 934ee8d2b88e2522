"""The process that does the jobs: `python -m api.worker`. Several may run, on several machines.

A job whose worker was killed is found by its missing heartbeat and done again, a few times at most.
"""

import asyncio
import importlib
import logging
import pkgutil
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker
from sqlalchemy.exc import DBAPIError

import api
from api.core.db import make_engine, make_sessions
from api.core.jobs import LIGHT, QUEUES, REPORTS, TASKS, TRANSCODE, Context, Task
from api.core.settings import Settings
from api.core.telemetry import configure_logging

log = structlog.get_logger("api.worker")

CONCURRENCY = {TRANSCODE: 1, LIGHT: 4, REPORTS: 2}
GRACE_S = {TRANSCODE: 0.0, LIGHT: 4.0, REPORTS: 0.0}
"""What a running job gets to end by itself when the worker stops; then it is cut off and begins again later."""

HEARTBEAT_S = 2.0
MOST_ATTEMPTS = 5
PAUSE_S = 2.0
PASSING = (ConnectionError, TimeoutError, ConnectorException, DBAPIError)


class CutOffTooOften(Exception):
    """Its worker died each time: it may be the job that kills it."""


def _comes_again(error: BaseException, attempt: int) -> bool:
    return isinstance(error, PASSING) and attempt < MOST_ATTEMPTS


class Again(BaseRetryStrategy):
    """What was cut off begins again at once, what failed by something that passes after a while, else never."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=datetime.now(UTC))
        if _comes_again(exception, job.attempts + 1):
            return RetryDecision(retry_in={"seconds": 5 * 3**job.attempts})
        return None


def load_tasks() -> None:
    """Imports each tasks module of each domain, and the tables that their keys refer to."""
    for package in pkgutil.iter_modules(api.__path__, "api."):
        if package.ispkg:
            folder = importlib.import_module(package.name)
            for module in pkgutil.iter_modules(folder.__path__, f"{package.name}."):
                if module.name.endswith((".tasks", "_tasks", ".models", "_models")):
                    importlib.import_module(module.name)


def _add(app: App, task: Task, context: Context) -> None:
    async def run(job: JobContext, /, **arguments: Any) -> None:
        attempt = job.job.attempts + 1
        now = Context(context.settings, context.sessions, attempt)
        try:
            if attempt > MOST_ATTEMPTS:
                raise CutOffTooOften
            await task.run(now, **arguments)
        except Exception as error:
            if task.gave_up and not _comes_again(error, attempt):
                await task.gave_up(now, **arguments)
            raise

    added: Any = app.task(name=task.name, queue=task.queue, retry=Again(), pass_context=True)(run)
    if task.cron:
        app.periodic(cron=task.cron)(added)


@dataclass
class Staff:
    """One procrastinate worker a queue, in this process, until `stop` is called or one of them ends."""

    settings: Settings
    workers: list[Any] = field(default_factory=list)
    """Of procrastinate, whose own methods carry no types."""
    is_stopping: bool = False

    def stop(self) -> None:
        self.is_stopping = True
        for worker in self.workers:
            worker.stop()

    async def work(self) -> None:
        """Until stopped. A database that is away is waited for."""
        while not self.is_stopping:
            try:
                await self._work()
            except (ConnectorException, psycopg.Error, DBAPIError, OSError) as error:
                log.warning("database unreachable", error=repr(error))
            if not self.is_stopping:
                await asyncio.sleep(PAUSE_S)

    async def _work(self) -> None:
        async with AsyncExitStack() as stack:
            engine = make_engine(self.settings.database_url, pool_size=sum(CONCURRENCY.values()) + 2)
            stack.push_async_callback(engine.dispose)
            connector = PsycopgConnector(conninfo=self.settings.database_url, min_size=1, max_size=6, timeout=10)
            await connector.open_async()
            stack.push_async_callback(connector.close_async)
            apps = [_app(queue, connector, Context(self.settings, make_sessions(engine))) for queue in QUEUES]
            self.workers = [_worker(app, queue, self.settings) for app, queue in zip(apps, QUEUES, strict=True)]
            if not self.is_stopping:
                await self._run(apps[0])

    async def _run(self, app: App) -> None:
        running = [asyncio.create_task(worker.run()) for worker in self.workers]
        watch = asyncio.create_task(_take_up(app, self.settings.worker_stalled_s))
        log.info("worker started", tasks=sorted(TASKS))
        try:
            await asyncio.wait([*running, watch], return_when=asyncio.FIRST_COMPLETED)
        finally:
            watch.cancel()
            for worker in self.workers:
                worker.stop()
            results = await asyncio.gather(*running, watch, return_exceptions=True)
        for error in results:
            if isinstance(error, Exception):
                raise error


def _app(queue: str, connector: PsycopgConnector, context: Context) -> App:
    app = App(connector=connector)
    for task in TASKS.values():
        if task.queue == queue:
            _add(app, task, context)
    return app


def _worker(app: App, queue: str, settings: Settings) -> Worker:
    return Worker(
        app,
        queues=[queue],
        name=queue,
        concurrency=CONCURRENCY[queue],
        shutdown_graceful_timeout=GRACE_S[queue],
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT_S,
        stalled_worker_timeout=settings.worker_stalled_s,
    )


async def _take_up(app: App, stalled_s: float) -> None:
    """Jobs whose worker is silent go back to their queue, looked for when this one starts and ever after."""
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_s):
            log.warning("job taken up again", task=job.task_name, job_id=job.id, attempts=job.attempts + 1)
            with suppress(ConnectorException):  # another worker was quicker
                await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
        await asyncio.sleep(stalled_s / 4)


async def main(signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)) -> None:
    settings = Settings()
    configure_logging(settings)
    logging.getLogger("procrastinate.blueprints").setLevel(logging.ERROR)  # it wants its App in another module
    load_tasks()
    staff = Staff(settings)
    for number in signals:
        asyncio.get_running_loop().add_signal_handler(number, staff.stop)
    await staff.work()


if __name__ == "__main__":
    asyncio.run(main())

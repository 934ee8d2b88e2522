"""Jobs that a person started: enqueued in the request's own transaction, done by `api.worker` (procrastinate).

A task is a function of a `tasks.py` (or `*_tasks.py`) of a domain, marked with `@task`; the worker finds it there.
Whoever enqueues knows its name only. A job may run twice (its worker was killed after the work and before the word),
so what it does must be harmless the second time.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from api.core.settings import Settings

TRANSCODE, LIGHT, REPORTS = "transcode", "light", "reports"
QUEUES = (TRANSCODE, LIGHT, REPORTS)
"""Transcoding takes a whole machine for minutes, one at a time; a report a processor for seconds; all else is light
and runs side by side."""

KEPT_DAYS = 14


@dataclass(frozen=True, slots=True)
class Context:
    """What a task has to work with; it opens and commits its own sessions."""

    settings: Settings
    sessions: async_sessionmaker[AsyncSession]
    attempt: int = 1
    """Above 1 where an earlier run was cut off or failed by something that passes, such as a restarting database."""

    @property
    def engine(self) -> AsyncEngine:
        """Of the sessions, for transactions that are none of theirs."""
        engine: AsyncEngine = self.sessions.kw["bind"]
        return engine


Run = Callable[..., Awaitable[None]]
"""`(context, **arguments)`."""


@dataclass(frozen=True, slots=True)
class Task:
    """`cron` starts it by itself; `gave_up` is called, with the same arguments, when it failed and won't run again."""

    name: str
    queue: str
    run: Run
    cron: str | None = None
    gave_up: Run | None = None


TASKS: dict[str, Task] = {}
"""By name; filled when a tasks module is imported."""


def task(*, name: str, queue: str = LIGHT, cron: str | None = None, gave_up: Run | None = None) -> Callable[[Run], Run]:
    """Marks an async function `(context, *, ...)` whose arguments are JSON. It must not block: heavy work goes to a
    thread or a process. A raised error ends the job as failed, for good, unless it is one that passes by itself.
    """
    assert queue in QUEUES, queue

    def register(run: Run) -> Run:
        TASKS[name] = Task(name, queue, run, cron, gave_up)
        return run

    return register


DEFER = text(
    "select unnest(procrastinate_defer_jobs_v1(array[row(:queue, :task, 0, :lock, :queueing_lock,"
    " cast(:args as jsonb), :at)::procrastinate_job_to_defer_v1]))"
)
WAITING = text("select id from procrastinate_jobs where queueing_lock = :queueing_lock and status = 'todo'")


async def enqueue(
    session: AsyncSession,
    task: str,
    *,
    queue: str,
    args: dict[str, Any],
    lock: str | None = None,
    queueing_lock: str | None = None,
    scheduled_at: datetime | None = None,
) -> int:
    """The id of a job that starts once this transaction is committed, or of the one that waits with the same
    `queueing_lock` already. Two jobs with the same `lock` never run at once, and run in their order.
    """
    assert queue in QUEUES, queue
    values = {
        "queue": queue,
        "task": task,
        "lock": lock,
        "queueing_lock": queueing_lock,
        "args": msgspec.json.encode(args).decode(),
        "at": scheduled_at,
    }
    while True:
        try:
            async with session.begin_nested():
                return int((await session.execute(DEFER, values)).scalar_one())
        except IntegrityError:
            if queueing_lock is None:
                raise
        if (known := await session.scalar(WAITING, {"queueing_lock": queueing_lock})) is not None:
            return int(known)


FORGET = text(
    """
    delete from procrastinate_jobs j
    where status in ('succeeded', 'failed', 'cancelled', 'aborted')
      and not exists (
          select from procrastinate_events e where e.job_id = j.id and e.at > now() - make_interval(days => :days)
      )
    """
)


@task(name="forget_old_jobs", cron="17 3 * * *")
async def forget_old_jobs(context: Context, **_: Any) -> None:
    """Done for two weeks: nobody asks for them any more."""
    async with context.sessions.begin() as session:
        await session.execute(FORGET, {"days": KEPT_DAYS})

"""Jobs of this domain."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from api.core.errors import ProblemError
from api.core.jobs import Context, task
from api.courses.models import Course
from api.learning import releases
from api.learning.seats import LOCK, fill
from api.learning.standing import end_sitting

LISTS = text("select distinct course_id from enrollment_request where status = 'waiting'")


@task(name="publish_scheduled")
async def publish_scheduled(context: Context, *, version_id: str, publish_at: str, **_: Any) -> None:
    """Publish a draft at its moment, or say in it why not. The second time there is nothing to do."""
    asked: dict[str, Any] = {"version_id": uuid.UUID(version_id), "publish_at": datetime.fromisoformat(publish_at)}
    try:
        async with context.sessions.begin() as session:
            if version := await releases.due(session, **asked):
                await releases.publish_due(session, context.settings, version, datetime.now(UTC))
    except ProblemError as problem:
        async with context.sessions.begin() as session:
            if version := await releases.due(session, **asked):
                await releases.give_up(session, version, problem.detail, datetime.now(UTC))


@task(name="end_sitting")
async def end_sitting_in_time(context: Context, *, sitting_id: str, **_: Any) -> None:
    """The time of an attempt is up: what was saved is submitted. Nothing to do where its learner was faster."""
    async with context.sessions.begin() as session:
        await end_sitting(session, sitting_id=uuid.UUID(sitting_id))


@task(name="fill_seats", cron="*/10 * * * *")
async def fill_seats(context: Context, *, course_id: str | None = None, **_: Any) -> None:
    """Somebody finished; and every ten minutes all lists, because nobody tells of the seat of who left the company."""
    async with context.sessions() as session:
        ids = [uuid.UUID(course_id)] if course_id else list((await session.execute(LISTS)).scalars())
    for one in ids:
        async with context.sessions.begin() as session:
            course = await session.get_one(Course, one, with_for_update=LOCK)
            await fill(session, course, datetime.now(UTC))

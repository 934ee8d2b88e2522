"""Jobs of this domain."""

import uuid
from datetime import UTC, datetime
from typing import Any

from api.core.jobs import Context, task
from api.paths import queries
from api.paths.service import follow


@task(name="follow_completion")
async def follow_completion(context: Context, *, person_id: str, course_id: str, **_: Any) -> None:
    """Somebody finished a course; `api.learning` enqueues this by its name."""
    await _follow(context, person_id=uuid.UUID(person_id), course_id=uuid.UUID(course_id))


@task(name="follow_path")
async def follow_path(context: Context, *, path_id: str, **_: Any) -> None:
    """A path asks for other courses now."""
    await _follow(context, path_id=uuid.UUID(path_id))


@task(name="follow_all_paths", cron="23 * * * *")
async def follow_all_paths(context: Context, **_: Any) -> None:
    """Once an hour: a course that is no longer offered may have been the last that somebody missed."""
    await _follow(context)


async def _follow(context: Context, **whose: uuid.UUID) -> None:
    """Each enrollment in a transaction of its own."""
    asked = {"person_id": None, "path_id": None, "course_id": None} | whose
    async with context.sessions() as session:
        ids: list[uuid.UUID] = list((await session.execute(queries.ON_THEIR_WAY, asked)).scalars())
    for enrollment_id in ids:
        async with context.sessions.begin() as session:
            await follow(session, enrollment_id, datetime.now(UTC))

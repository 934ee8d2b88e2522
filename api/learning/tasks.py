"""Jobs of this domain."""

import uuid
from datetime import UTC, datetime
from typing import Any

from api.core.errors import ProblemError
from api.core.jobs import Context, task
from api.learning import releases


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

"""What a day brings by itself: who begins today gets in, whose last day was yesterday doesn't."""

from typing import Any

from api.core.jobs import Context, task
from api.people.days import follow_the_day


@task(name="follow_the_day", cron="*/10 * * * *")
async def follow_the_day_(context: Context, **_: Any) -> None:
    """Every few minutes, as nobody may have been running at midnight; a second time changes nothing."""
    async with context.sessions.begin() as session:
        await follow_the_day(session)

"""What the worker does by itself: keeps the record of obligations up with people, rules and completions."""

from typing import Any

from api.compliance.refresh import refresh_obligations
from api.core.jobs import Context, task


@task(name="refresh_obligations", cron="* * * * *")
async def refresh(context: Context, **_: Any) -> None:
    """A person's own pages don't wait for it: they derive (docs/decisions/0019)."""
    async with context.sessions.begin() as session:
        await refresh_obligations(session)

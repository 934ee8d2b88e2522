"""Jobs of this domain."""

from datetime import UTC, datetime
from typing import Any

from api.core.jobs import Context, task
from api.credentials.revocation import record_expired


@task(name="record_expired_certificates", cron="11 * * * *")
async def record_expired_certificates(context: Context, **_: Any) -> None:
    """Hourly, so that whoever is told hears of it the day it happens."""
    async with context.sessions.begin() as session:
        await record_expired(session, datetime.now(UTC))

"""What the worker does by itself: reads the events, reminds, sends mail, forgets."""

from typing import Any

from sqlalchemy import text

from api.core.jobs import Context, task
from api.notifications.delivery import deliver
from api.notifications.derive import derive
from api.notifications.reminders import remind

FORGET = text("delete from notification where created_at < now() - interval '400 days' and mail <> 'waiting'")


@task(name="tell_of_events", cron="* * * * *")
async def tell_of_events(context: Context, **_: Any) -> None:
    """First what is new, then the mail about it."""
    async with context.sessions.begin() as session:
        await derive(session)
    await deliver(context.settings, context.sessions)


@task(name="remind", cron="7,37 * * * *")
async def remind_of_dates(context: Context, **_: Any) -> None:
    """Twice an hour, because time zones begin at half hours too."""
    async with context.sessions.begin() as session:
        await remind(session, default_zone=context.settings.time_zone)


@task(name="forget_old_notifications", cron="27 3 * * *")
async def forget_old_notifications(context: Context, **_: Any) -> None:
    """After a year and a month; no event and no reminder reaches back so far, so none comes again."""
    async with context.sessions.begin() as session:
        await session.execute(FORGET)

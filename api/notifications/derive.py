"""Notifications from events: what is new below the watermark, written in one transaction with the watermark.

As the lake's export (docs/decisions/0001): transactions below `pg_snapshot_xmin` have ended, so nothing can appear
below the watermark later. Twice is harmless, by the unique key of a notification.
"""

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from api.notifications.sources import FRESH, SOURCES, TYPES

LOCK = text("select xid from notification_watermark where name = 'event' for update skip locked")
SAFE = text("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
MOVE = text("update notification_watermark set xid = :high where name = 'event'")

PUT = """
    insert into notification (kind, person_id, subject, occurred_at, facts, is_shown)
    select t.kind, t.person_id, t.subject, t.occurred_at, t.facts, coalesce(c.app, true)
    from told t left join notification_choice c on c.person_id = t.person_id and c.kind = t.kind
    order by t.occurred_at
    on conflict (person_id, kind, subject) do nothing
"""
FROM_EVENTS = text(
    f"""
    with fresh as materialized ({FRESH}),
    told (kind, person_id, subject, occurred_at, facts) as ({" union all ".join(SOURCES)})
    {PUT}
    """
).bindparams(bindparam("types", type_=ARRAY(Text)))


async def derive(session: AsyncSession) -> int:
    """How many notifications are new. Another worker that derives right now does it for this one too.

    A watermark ahead of Postgres is that of a database which was restored: all is read again that isn't too old.
    """
    low = await session.scalar(LOCK)
    if low is None:
        return 0
    high = int((await session.execute(SAFE)).scalar_one())
    asked = {"low": low if low <= high else 0, "high": high, "types": TYPES}
    result = await session.execute(FROM_EVENTS, asked)
    await session.execute(MOVE, {"high": high})
    return int(getattr(result, "rowcount", 0))

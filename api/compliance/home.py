"""A learner's home: what they must do, where they were, what they may want next, what they have."""

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.compliance.continued import continued
from api.compliance.hours import hours
from api.compliance.obligations import obligations
from api.compliance.recommended import recommended
from api.compliance.to_do import to_do

CERTIFICATES = text(
    """
    select code, course_id, course_title as title, issued_at, expires_at as valid_until
    from certificate where person_id = :person_id and revoked_at is null order by issued_at desc, id limit 3
    """
)


async def home(
    reader: AsyncConnection | AsyncSession, *, person_id: uuid.UUID, zone: ZoneInfo, now: datetime | None = None
) -> dict[str, Any]:
    """As HomeOut has it. Days and the month are those of the person's time zone; what is required goes by UTC's day,
    as in the reports.
    """
    moment = now or datetime.now(UTC)
    local = moment.astimezone(zone)
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    told = await obligations(reader, person_id=person_id, on=moment.astimezone(UTC).date())
    required = {one.course_id for one in told}
    certificates = await reader.execute(CERTIFICATES, {"person_id": person_id})
    return {
        "to_do": await to_do(reader, person_id=person_id, told=told, now=moment, today=local.date()),
        "continue": await continued(reader, person_id=person_id),
        "recommended": await recommended(reader, person_id=person_id, required=required, on=moment.date()),
        "certificates": [dict(row) for row in certificates.mappings()],
        "hours": await hours(reader, person_id=person_id, since=month),
    }

"""Who must learn a course may begin it, whatever its limits: an obligation has to be possible to fulfil.

Importing this says so to `api.learning`, which knows no obligations.
"""

import uuid

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.learning.enrolling import EXEMPTIONS

OWED = text(
    """
    select exists (
        select from requirement r join works_here((now() at time zone 'UTC')::date) w on w.person_id = :person_id
        where r.course_id = :course_id and r.superseded_at is null
        and r.valid_from <= (now() at time zone 'UTC')::date
        and (r.valid_to is null or r.valid_to > (now() at time zone 'UTC')::date)
        and (r.country is null or r.country = w.country)
        and (r.org_unit_id is null or w.org_unit_id in (select org_unit_id from units_below(array[r.org_unit_id])))
    )
    """
)


async def owes(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID) -> bool:
    """Whether a requirement of today applies to them, in one of their employments."""
    return bool(await session.scalar(OWED, {"person_id": person_id, "course_id": course_id}))


EXEMPTIONS.append(owes)

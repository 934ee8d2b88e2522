"""How much somebody has learned: by how long the modules take that they did, not by a clock that watched them.

From the state of each module and not from a year of events: a finished module counts with its whole duration in the
month in which it was finished, a begun one with its percent in the month in which it was last open. Of a course that
was taken again both times count; of one that was withdrawn, what was done.
"""

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

HOURS = text(
    """
    select coalesce(sum(s.learned_s), 0)::float8 / 3600 as total,
        coalesce(sum(s.learned_s) filter (where s.learned_at >= :since), 0)::float8 / 3600 as this_month
    from (
        select m.duration_s * p.percent / 100.0 as learned_s, coalesce(p.completed_at, p.updated_at) as learned_at
        from enrollment e join module_progress p on p.enrollment_id = e.id join module m on m.id = p.module_id
        where e.person_id = :person_id
    ) s
    """
)


async def hours(reader: AsyncConnection | AsyncSession, *, person_id: uuid.UUID, since: datetime) -> dict[str, float]:
    """`this_month` is from `since` on."""
    row = (await reader.execute(HOURS, {"person_id": person_id, "since": since})).mappings().one()
    return {name: round(value, 2) for name, value in row.items()}

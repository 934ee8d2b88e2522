"""Where somebody was: their unfinished courses, each with the module that comes next and what is left of it."""

import uuid
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

# Next is the module that was begun last and not finished, else the first that is not finished.
CONTINUED = text(
    """
    select e.course_id, v.title, n.module_id, n.module_title, n.module_kind, n.position_s, n.module_percent,
        e.progress_percent, coalesce(l.left_s, 0) as left_s, e.last_activity_at
    from (
        select * from enrollment
        where person_id = :person_id and withdrawn_at is null and completed_at is null
        order by coalesce(last_activity_at, enrolled_at) desc, id limit :most
    ) e
    join course_version v on v.id = e.version_id
    cross join lateral (
        select m.id as module_id, m.title as module_title, m.kind as module_kind, p.position_s,
            coalesce(p.percent, 0) as module_percent
        from module m left join module_progress p on p.enrollment_id = e.id and p.module_id = m.id
        where m.version_id = e.version_id
        order by p.completed_at is not null, coalesce(p.percent, 0) > 0 desc, p.updated_at desc nulls last, m.position
        limit 1
    ) n
    cross join lateral (
        select round(sum(m.duration_s * (100 - coalesce(p.percent, 0)) / 100.0))::int as left_s
        from module m left join module_progress p on p.enrollment_id = e.id and p.module_id = m.id
        where m.version_id = e.version_id and p.completed_at is null
    ) l
    order by coalesce(e.last_activity_at, e.enrolled_at) desc, e.id
    """
)

MOST = 4


async def continued(reader: AsyncConnection | AsyncSession, *, person_id: uuid.UUID) -> list[dict[str, Any]]:
    rows = await reader.execute(CONTINUED, {"person_id": person_id, "most": MOST})
    return [dict(row) for row in rows.mappings()]

"""Which courses somebody may want next, and why: by their job, their unit, their skills, else what many take.

Never one that they have or had, must take anyway, write themselves, or may not begin yet. Reasons that speak of people
speak of three at least, so that nobody is told what one colleague learns. The same state gives the same list.
"""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

# Peers and recent enrollments are bounded, so that the work is the same in a company of 200,000. What is popular is
# asked only where the reasons before it did not fill the list, and what is new only after that.
_RECOMMENDED = """
    with mine as (select course_id, version_id, completed_at from enrollment where person_id = :me),
    seat as materialized (select job_title, org_unit_id from works_here(:on) where person_id = :me),
    alike as materialized (
        select 'job' as kind, p.person_id from seat s cross join lateral (
            select w.person_id from works_here(:on) w where w.job_title = s.job_title and w.person_id <> :me
            order by w.person_id limit :peers
        ) p
        union
        select 'unit', p.person_id from seat s cross join lateral (
            select w.person_id from works_here(:on) w where w.org_unit_id = s.org_unit_id and w.person_id <> :me
            order by w.person_id limit :peers
        ) p
    ),
    sizes as (select kind, count(*) as size from alike group by kind),
    people as (
        select a.kind, e.course_id, count(*) as people
        from alike a join enrollment e on e.person_id = a.person_id
        where e.withdrawn_at is null and (a.kind = 'job' or e.completed_at is not null)
        group by a.kind, e.course_id having count(*) >= :fewest
    ),
    skills as (
        select array_agg(distinct s.skill) as known
        from mine m join course_version v on v.id = m.version_id cross join unnest(v.skills) s (skill)
        where m.completed_at is not null
    ),
    reasons as (
        select p.course_id, p.kind, null as skill, p.people,
            (case p.kind when 'job' then 1.2 else 1.0 end) * p.people / s.size as weight
        from people p join sizes s on s.kind = p.kind
        union all
        select v.course_id, 'skill', (select min(one) from unnest(v.skills) one where one = any(k.known)), null, 0.5
        from skills k join course_version v on v.skills && k.known join course c on c.current_version_id = v.id
    ),
    ranked as materialized (
        select course_id, sum(weight) as weight,
            (array_agg(kind order by weight desc, kind))[1] as kind,
            (array_agg(skill order by weight desc, kind))[1] as skill,
            (array_agg(people order by weight desc, kind))[1] as people
        from reasons group by course_id
    ),
    excluded as (
        select course_id from mine union select unnest(cast(:required as uuid[]))
        union select id from course where owner_id = :me union select course_id from course_author where person_id = :me
    ),
    best as (
        select 1 as tier, r.* from ranked r
        join course c on c.id = r.course_id join course_version v on v.id = c.current_version_id
        where MAY_BEGIN order by r.weight desc, v.title, c.id limit :most
    ),
    popular as (
        select 2 as tier, e.course_id, count(*)::numeric as weight, 'popular' as kind, null as skill, null::bigint
        from (select course_id from enrollment order by id desc limit :recent) e
        join course c on c.id = e.course_id join course_version v on v.id = c.current_version_id
        where (select count(*) from best) < :most and MAY_BEGIN and c.id not in (select course_id from best)
        group by e.course_id having count(*) >= :fewest order by weight desc, e.course_id limit :most
    ),
    fresh as (
        select 3 as tier, c.id as course_id, 0::numeric as weight, 'new' as kind, null as skill, null::bigint
        from course c join course_version v on v.id = c.current_version_id
        where (select count(*) from best) + (select count(*) from popular) < :most and MAY_BEGIN
            and c.id not in (select course_id from best union select course_id from popular)
        order by c.current_version_id desc limit :most
    )
    select f.course_id, f.kind, f.skill, f.people, v.title, v.summary, v.category, v.difficulty, v.language,
        v.duration_min
    from (select * from best union all select * from popular union all select * from fresh) f
    join course c on c.id = f.course_id join course_version v on v.id = c.current_version_id
    order by f.tier, f.weight desc, v.title, f.course_id limit :most
    """

MAY_BEGIN = """c.archived_at is null and c.id not in (select course_id from excluded) and not exists (
            select from unnest(v.prerequisite_ids) needed
            where needed not in (select m.course_id from mine m where m.completed_at is not null)
        )"""

RECOMMENDED = text(_RECOMMENDED.replace("MAY_BEGIN", MAY_BEGIN)).bindparams(bindparam("required", type_=ARRAY(Uuid)))

MOST = 6
PEERS = 200
RECENT = 5000
FEWEST = 3


async def recommended(
    reader: AsyncConnection | AsyncSession, *, person_id: uuid.UUID, required: Collection[uuid.UUID], on: date
) -> list[dict[str, Any]]:
    """`required` are the courses that this person has to take: they stand elsewhere."""
    bounds = {"most": MOST, "peers": PEERS, "recent": RECENT, "fewest": FEWEST}
    rows = await reader.execute(RECOMMENDED, {"me": person_id, "on": on, "required": list(required), **bounds})
    return [{**row, "reason": {name: row[name] for name in ("kind", "skill", "people")}} for row in rows.mappings()]

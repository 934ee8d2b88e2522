"""What an officer looks at: requirements with how they stand, whom a rule would mean, and a person's evidence."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.compliance.audience import Audience, Compiled
from api.compliance.service import OFFICER
from api.identity.rules import Principal

READERS = (OFFICER, "auditor")
SHOWN = 20
"""People named in a preview; the count is of all."""

Reader = AsyncConnection | AsyncSession

# Whom the caller reaches by a role.
REACHED = """
    select w.person_id from works_here(:on) w where :everyone
        or w.org_unit_id in (select org_unit_id from units_below(cast(:units as uuid[])))
"""

# Of two employments what is open, then the stricter; from the recorded rows, which are a minute old at most.
STANDING = f"""
    with reached as materialized ({REACHED}),
    owed as (
        select distinct on (o.person_id, o.requirement_id) o.person_id, o.requirement_id, o.due_on, o.completed_at
        from obligation o where o.superseded_at is null and o.valid_from <= :on
        and (o.valid_to is null or o.valid_to > :on) and o.person_id in (select person_id from reached)
        order by o.person_id, o.requirement_id, o.completed_at is not null, o.due_on
    ),
    waived as (
        select distinct person_id, requirement_id from waiver where superseded_at is null and valid_from <= :on
        and (valid_to is null or valid_to > :on)
    ),
    counted as (
        select o.requirement_id, count(*) as people, count(*) filter (where o.completed_at is not null) as compliant,
            count(*) filter (where o.completed_at is null and w.person_id is not null) as waived,
            count(*) filter (where o.completed_at is null and w.person_id is null and o.due_on < :on) as overdue
        from owed o left join waived w on w.person_id = o.person_id and w.requirement_id = o.requirement_id
        group by o.requirement_id
    ),
    titles as (
        select distinct on (v.course_id) v.course_id, v.title from course_version v join course c on c.id = v.course_id
        order by v.course_id, v.id = c.current_version_id desc nulls last, v.number desc
    )
    select r.*, t.title as course_title, coalesce(k.people, 0) as people, coalesce(k.compliant, 0) as compliant,
        coalesce(k.waived, 0) as waived, coalesce(k.overdue, 0) as overdue
    from requirement r join titles t on t.course_id = r.course_id left join counted k on k.requirement_id = r.id
    where r.superseded_at is null
    order by coalesce(r.valid_to <= :on, false), coalesce(nullif(r.title, ''), t.title), r.id
"""

PREVIEW = """
    with recursive climb as materialized (
        select id as org_unit_id, id as ancestor_id from org_unit
        union
        select c.org_unit_id, u.parent_id
        from climb c join org_unit u on u.id = c.ancestor_id where u.parent_id is not null
    ),
    s as (
        select w.person_id, w.org_unit_id, w.job_title, w.country, e.started_on
        from works_here(:on) w join employment e on e.id = w.employment_id where w.person_id in (REACHED)
    ),
    meant as (select person_id, min(org_unit_id::text)::uuid as org_unit_id from s where CONDITION group by person_id),
    known as (
        select m.*, exists (
            select from enrollment n left join certificate c on c.enrollment_id = n.id
            where n.person_id = m.person_id and n.course_id = :course_id and n.completed_at is not null
            and c.revoked_at is null and (c.expires_at is null or c.expires_at > now())
        ) as is_done
        from meant m
    )
    select p.id, p.display_name as name, u.name as org_unit, k.is_done, count(*) over () as people,
        count(*) filter (where k.is_done) over () as done
    from known k join person p on p.id = k.person_id join org_unit u on u.id = k.org_unit_id
    order by p.display_name, p.id limit :shown
"""

EVIDENCE = text(
    """
    select o.requirement_id, coalesce(nullif(r.title, ''), t.title) as requirement, o.course_id, o.employment_id,
        o.period, o.valid_from, o.valid_to, o.assigned_on, o.due_on, o.completed_at, o.enrollment_id, o.recorded_at,
        o.superseded_at
    from obligation o join requirement r on r.id = o.requirement_id
    cross join lateral (
        select v.title from course_version v join course c on c.id = v.course_id where v.course_id = o.course_id
        order by v.id = c.current_version_id desc nulls last, v.number desc limit 1
    ) t
    where o.person_id = :person_id
    and o.recorded_at <= :known_at and (o.superseded_at is null or o.superseded_at > :known_at)
    and (cast(:valid_at as date) is null
        or (o.valid_from <= :valid_at and (o.valid_to is null or o.valid_to > :valid_at)))
    order by requirement, o.valid_from, o.employment_id
    """
)


def _reach(who: Principal) -> dict[str, Any]:
    reach = who.reach(*READERS)
    return {"on": datetime.now(UTC).date(), "everyone": reach.everyone, "units": list(reach.org_units)}


async def standing(reader: Reader, who: Principal) -> Sequence[dict[str, Any]]:
    """Every requirement, those that are over last, with how many of the people whom the caller reaches owe it."""
    return [dict(row) for row in (await reader.execute(text(STANDING), _reach(who))).mappings()]


async def preview(reader: Reader, who: Principal, *, course_id: uuid.UUID, audience: Audience) -> dict[str, Any]:
    """Whom it would mean today, of the people whom the caller reaches, and who of them has done the course."""
    compiled = Compiled()
    statement = PREVIEW.replace("CONDITION", compiled.condition(audience)).replace("REACHED", REACHED)
    values = compiled.parameters | _reach(who) | {"course_id": course_id, "shown": SHOWN}
    rows = [dict(row) for row in (await reader.execute(text(statement), values)).mappings()]
    counts = {"people": rows[0]["people"], "done": rows[0]["done"]} if rows else {"people": 0, "done": 0}
    return counts | {"items": rows}


async def evidence(
    reader: Reader, person_id: uuid.UUID, *, valid_at: date | None, known_at: datetime | None
) -> Sequence[dict[str, Any]]:
    """What a person owed on a day (default: every day), as it was known at a moment (default: now)."""
    asked = {"person_id": person_id, "valid_at": valid_at, "known_at": known_at or datetime.now(UTC)}
    return [dict(row) for row in (await reader.execute(EVIDENCE, asked)).mappings()]

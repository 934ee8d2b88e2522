"""What each person has to have learned, as Postgres knows it now.

The same meaning as the mart rpt_compliance_by_person, which is as old as the last build: pages and reminders must
know of somebody who joined a minute ago. A test holds the two together.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

# Who works here (migration 0004), each unit with all above it, and of what is required the stricter of two employments.
# What was completed counts as long as its certificate holds; then it is due since the last day of it.
_OBLIGATIONS = """
    with recursive employed as materialized (
        select w.person_id, w.employment_id, w.org_unit_id, w.country, e.started_on
        from works_here(:on) w join employment e on e.id = w.employment_id
        where WHOSE
    ),
    climb as (
        select org_unit_id, org_unit_id as ancestor_id from employed
        union
        select c.org_unit_id, u.parent_id
        from climb c join org_unit u on u.id = c.ancestor_id where u.parent_id is not null
    ),
    required as (
        select distinct on (e.person_id, r.id)
            e.person_id, r.id as requirement_id, r.course_id,
            greatest(r.valid_from, e.started_on) as assigned_on,
            greatest(r.valid_from, e.started_on) + r.due_within_days as due_on
        from requirement r
        join employed e on (r.country is null or r.country = e.country) and (
            r.org_unit_id is null
            or exists (select from climb c where c.org_unit_id = e.org_unit_id and c.ancestor_id = r.org_unit_id)
        )
        where r.superseded_at is null and r.valid_from <= :on and (r.valid_to is null or r.valid_to > :on)
        order by e.person_id, r.id, due_on, e.employment_id
    ),
    titles as (
        select distinct on (v.course_id) v.course_id, v.title
        from course_version v join course c on c.id = v.course_id
        where v.course_id in (select r.course_id from required r)
        order by v.course_id, v.id = c.current_version_id desc nulls last, v.number desc
    ),
    done as (
        select distinct on (n.person_id, n.course_id) n.person_id, n.course_id, n.completed_at,
            (least(c.expires_at, c.revoked_at) at time zone 'UTC')::date as over_on
        from enrollment n left join certificate c on c.enrollment_id = n.id
        where n.completed_at is not null and DONE_BY and n.course_id in (select r.course_id from required r)
        order by n.person_id, n.course_id, n.enrolled_at desc, n.id desc
    )
    select r.person_id, r.course_id, t.title, r.requirement_id, r.assigned_on,
        case when d.over_on < :on then greatest(r.due_on, d.over_on) else r.due_on end as due_on,
        case when d.over_on < :on then null else d.completed_at end as completed_at
    from required r join titles t on t.course_id = r.course_id
    left join done d on d.person_id = r.person_id and d.course_id = r.course_id
    order by r.person_id, due_on, t.title, r.requirement_id
    """

OF_ALL = text(_OBLIGATIONS.replace("WHOSE", "true").replace("DONE_BY", "true"))
OF_ONE = text(_OBLIGATIONS.replace("WHOSE", "w.person_id = :person_id").replace("DONE_BY", "n.person_id = :person_id"))
"""Two statements, because one with `:person_id is null or …` reads everybody."""


@dataclass(frozen=True, slots=True)
class Obligation:
    """One person's duty to learn one course, by one requirement; `due_on` is the last day on which it is in time."""

    person_id: uuid.UUID
    course_id: uuid.UUID
    title: str
    requirement_id: uuid.UUID
    assigned_on: date
    due_on: date
    completed_at: datetime | None

    def is_open(self) -> bool:
        return self.completed_at is None


async def obligations(
    reader: AsyncConnection | AsyncSession, *, person_id: uuid.UUID | None = None, on: date
) -> list[Obligation]:
    """Of everybody who works here on that day, or of one; fulfilled ones too. By person, the earliest due first."""
    statement = OF_ALL if person_id is None else OF_ONE
    rows = await reader.execute(statement, {"on": on} | ({"person_id": person_id} if person_id else {}))
    return [Obligation(*row) for row in rows.tuples()]

"""What each person has to have learned, as Postgres knows it now.

The same meaning as the mart rpt_compliance_by_person, which is as old as the last build: pages and reminders must
know of somebody who joined a minute ago. A test holds the two together.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.compliance.derivation import derivation, live_rules

# Of two employments what is still open, then the earlier day.
ON_A_DAY = """
    with derived as materialized (DERIVED),
    owed as (
        select distinct on (person_id, requirement_id) * from derived
        where valid_from <= :on and (valid_to is null or valid_to > :on)
        order by person_id, requirement_id, completed_at is not null, due_on, employment_id
    ),
    titles as (
        select distinct on (v.course_id) v.course_id, v.title
        from course_version v join course c on c.id = v.course_id
        where v.course_id in (select course_id from owed)
        order by v.course_id, v.id = c.current_version_id desc nulls last, v.number desc
    )
    select o.person_id, o.course_id, t.title, o.requirement_id, o.assigned_on, o.due_on, o.completed_at,
        exists (
            select from waiver w where w.person_id = o.person_id and w.requirement_id = o.requirement_id
            and w.superseded_at is null and w.valid_from <= :on and (w.valid_to is null or w.valid_to > :on)
        ) as is_waived
    from owed o join titles t on t.course_id = o.course_id
    order by o.person_id, o.due_on, t.title, o.requirement_id
"""


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
    is_waived: bool = False

    def is_open(self) -> bool:
        return self.completed_at is None and not self.is_waived


async def obligations(
    reader: AsyncConnection | AsyncSession, *, person_id: uuid.UUID | None = None, on: date
) -> list[Obligation]:
    """Of everybody who works here on that day, or of one; fulfilled and waived ones too. By person, the earliest due
    first. Derived at once, not read from the recorded rows, which are up to a minute old.
    """
    rules = await live_rules(reader)
    if not rules:
        return []
    derived = derivation(rules, people=person_id is not None)
    parameters = derived.parameters | {"on": on} | ({"people": [person_id]} if person_id else {})
    rows = await reader.execute(text(ON_A_DAY.replace("DERIVED", derived.sql)), parameters)
    return [Obligation(*row) for row in rows.tuples()]

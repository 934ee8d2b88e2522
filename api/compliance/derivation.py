"""What everybody owes, in all its periods, out of requirements, employments, completions and certificates.

One SELECT over everything it depends on and no clock: so what it says can be stored as rows, compared with what is
stored, and asked for one person at once. Set-based: 100,000 people and ten requirements take seconds.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.compliance.audience import Audience, Compiled

COLUMNS = (
    "person_id, employment_id, requirement_id, course_id, period, valid_from, valid_to, assigned_on, due_on, "
    "counts_from, next_due_on, completed_at, enrollment_id"
)

# Employments as they are known now, each version with the days on which it holds (the first from the first day worked),
# those that follow each other under the same requirement joined to one stretch; and what each person completed.
DERIVED = """
    with recursive climb as materialized (
        select id as org_unit_id, id as ancestor_id from org_unit where NAMES_UNITS
        union
        select c.org_unit_id, u.parent_id
        from climb c join org_unit u on u.id = c.ancestor_id where u.parent_id is not null
    ),
    seat as materialized (
        select e.person_id, e.id as employment_id, e.started_on, v.org_unit_id, v.job_title, v.country,
            case when v.valid_from = min(v.valid_from) over (partition by e.id)
                then least(v.valid_from, e.started_on) else v.valid_from end as from_on,
            v.valid_to as to_on
        from employment_version v join employment e on e.id = v.employment_id
        where v.superseded_at is null and WHOSE_SEAT
    ),
    meant as (
        select s.person_id, s.employment_id, s.started_on, rule.requirement_id, s.from_on, s.to_on
        from seat s cross join lateral (values RULES) as rule (requirement_id, is_meant) where rule.is_meant
    ),
    marked as (
        select *, coalesce(lag(to_on) over w < from_on, true) as is_new from meant
        window w as (partition by employment_id, requirement_id order by from_on)
    ),
    numbered as (
        select *, sum(is_new::int) over (partition by employment_id, requirement_id order by from_on) as stretch
        from marked
    ),
    stretch as (
        select person_id, employment_id, requirement_id, min(started_on) as started_on, min(from_on) as entered_on,
            case when bool_and(to_on is not null) then max(to_on) end as left_on
        from numbered group by person_id, employment_id, requirement_id, stretch
    ),
    asked as (
        select s.person_id, s.employment_id, s.requirement_id, s.started_on, r.course_id, r.every_months,
            r.renewal_days, r.due_from, r.due_within_days, r.due_day, r.counts_earlier, r.counts_rehire, r.valid_from,
            greatest(r.valid_from, s.entered_on) as assigned_on, least(s.left_on, r.valid_to) as until_on
        from stretch s join requirement r on r.id = s.requirement_id
    ),
    aimed as (
        select *, case due_from
            when 'hire' then greatest(started_on, valid_from) + due_within_days
            when 'move' then assigned_on + due_within_days
            when 'publication' then valid_from + due_within_days
            else case when every_months is null or assigned_on = valid_from then due_day
                else first_cycle_day(due_day, every_months, assigned_on + due_within_days) end
            end as aim
        from asked where until_on is null or until_on > assigned_on
    ),
    due as (
        select *, case when aim >= assigned_on then aim else assigned_on + due_within_days end as first_due,
            greatest(case when not counts_rehire then started_on end, case when not counts_earlier then assigned_on end)
                as counted_from
        from aimed
    ),
    completion as materialized (
        select n.person_id, n.course_id, n.id, n.completed_at, (n.completed_at at time zone 'UTC')::date as done_on,
            (c.revoked_at at time zone 'UTC')::date as revoked_on,
            (least(c.expires_at, c.revoked_at) at time zone 'UTC')::date as over_on
        from enrollment n left join certificate c on c.enrollment_id = n.id
        where n.completed_at is not null and DONE_BY
        and n.course_id in (select course_id from requirement where id = any(:requirements))
    ),
    learned as materialized (
        select person_id, course_id, array_agg(done_on order by completed_at, id) as days,
            array_agg(completed_at order by completed_at, id) as moments,
            array_agg(revoked_on order by completed_at, id) as revoked,
            array_agg(over_on order by completed_at, id) as over, array_agg(id order by completed_at, id) as enrollments
        from completion group by person_id, course_id
    ),
    known as (
        select d.*, l.days, l.moments, l.enrollments,
            case when d.every_months is null then l.over else l.revoked end as ends
        from due d left join learned l on l.person_id = d.person_id and l.course_id = d.course_id
    )
    select person_id, employment_id, requirement_id, course_id, 1 as period, assigned_on as valid_from,
        until_on as valid_to, assigned_on, first_due as due_on, counted_from as counts_from, null::date as next_due_on,
        null::timestamptz as completed_at, null::uuid as enrollment_id
    from known where days is null and due_day is null
    union all
    select k.person_id, k.employment_id, k.requirement_id, k.course_id, p.period, p.valid_from, p.valid_to,
        k.assigned_on, p.due_on, p.counts_from, p.next_due_on, p.completed_at, p.enrollment_id
    from known k cross join lateral obligation_periods(
        k.assigned_on, k.until_on, k.first_due, k.every_months, k.renewal_days,
        case when k.every_months is not null then k.due_day end, k.counted_from, k.days, k.moments, k.ends,
        k.enrollments
    ) p where k.days is not null or k.due_day is not null
"""

LIVE = text("select id, audience from requirement where superseded_at is null order by id")


@dataclass(frozen=True, slots=True)
class Derivation:
    """The statement for these requirements; `parameters` are its values."""

    sql: str
    parameters: dict[str, Any] = field(default_factory=dict)


def derivation(rules: dict[uuid.UUID, Audience], *, people: bool) -> Derivation:
    """What these requirements ask, each of its audience: of everybody, or of the persons in `:people`."""
    compiled = Compiled()
    conditions = []
    for number, (requirement, rule) in enumerate(rules.items()):
        compiled.parameters[f"requirement_{number}"] = requirement
        conditions.append(f"(cast(:requirement_{number} as uuid), {compiled.condition(rule)})")
    sql = (
        DERIVED.replace("RULES", ", ".join(conditions) or "(null::uuid, false)")
        .replace("NAMES_UNITS", "true" if any("climb" in one for one in conditions) else "false")
        .replace("WHOSE_SEAT", "e.person_id = any(cast(:people as uuid[]))" if people else "true")
        .replace("DONE_BY", "n.person_id = any(cast(:people as uuid[]))" if people else "true")
    )
    return Derivation(sql, compiled.parameters | {"requirements": list(rules)})


async def live_rules(reader: AsyncConnection | AsyncSession) -> dict[uuid.UUID, Audience]:
    """Of every requirement that stands, over or still to come too: its audience."""
    rows = await reader.execute(LIVE)
    return {row.id: Audience.model_validate(row.audience) for row in rows}

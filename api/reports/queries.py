"""The numbers, each computed here and nowhere else, over `obligation`, `enrollment` and `team` as registered tables."""

import pyarrow as pa

# Newer than the mart, of transactions that the snapshot saw. The literal `like` lets Postgres use the partial index on
# (subject_id, xid), or of a large company the one on xid alone.
TAIL = """
select id::text as event_id, type as event_type, subject_id::text as person_id, occurred_at,
    payload ->> 'course_id' as course_id, payload ->> 'enrollment_id' as enrollment_id,
    (payload ->> 'course_percent')::int as course_percent, (payload ->> 'score_percent')::int as score_percent
from event where subject_id = any(:people) and xid > cast(cast(:as_of_xid as text) as xid8)
and pg_visible_in_snapshot(xid, cast(cast(:tail as text) as pg_snapshot))
and type like 'learning.%' and payload ->> 'enrollment_id' is not null
and type not in ('learning.certificate_issued', 'learning.certificate_expired', 'learning.moved_to_version',
    'learning.retake_required')
"""

TAIL_SCHEMA = pa.schema(
    {
        "event_id": pa.string(),
        "event_type": pa.string(),
        "person_id": pa.string(),
        "occurred_at": pa.timestamp("us", "UTC"),
        "course_id": pa.string(),
        "enrollment_id": pa.string(),
        "course_percent": pa.int32(),
        "score_percent": pa.int32(),
    }
)

OBLIGATIONS = "lake.marts.rpt_compliance_by_person"
ENROLLMENTS = "lake.marts.rpt_team_progress"
MARTS = {"compliance": OBLIGATIONS, "progress": ENROLLMENTS}

# By name, so that a mart of before an update, which has no such column yet, can be read until it is built anew.
MART = """
select * exclude (display_name, org_unit_name) from {mart} semi join team using (person_id)
union all by name select cast(null as timestamptz) as valid_until, cast(null as date) as next_due_on,
    cast(null as date) as counts_from, cast(null as date) as waived_until, cast(null as boolean) as is_waived
where false
"""
COURSES = "select course_id, title from lake.marts.dim_course"

# Of the table that is read, not of the facts below it: models are committed one by one, so during a build (and after
# one that failed half-way) the facts are newer than the mart, and a tail above theirs would miss events.
AS_OF = "select coalesce(max(as_of_xid), 0) from {mart}"

# What was given back since: neither the mart's row of it nor what the tail says of it counts any more.
GONE = """
create temp table gone as select enrollment_id from tail where event_type = 'learning.withdrawn'
"""

# Taken back since: what it proved counts no longer.
REVOKED = """
create temp table revoked as
select enrollment_id, min(occurred_at) as revoked_at from tail
where event_type = 'learning.certificate_revoked' group by enrollment_id
"""

# What the tail says of a person and a course: each value only ever advances what the mart has.
ADVANCES = """
create temp table advance as
select person_id, course_id, min(enrollment_id) as enrollment_id,
    max(case when event_type = 'learning.course_completed' then 100 else coalesce(course_percent, 0) end) as percent,
    min(occurred_at) filter (where event_type = 'learning.enrolled') as enrolled_at,
    max(occurred_at) filter (where event_type <> 'learning.certificate_revoked') as last_activity_at,
    max(occurred_at) filter (where event_type = 'learning.course_completed') as completed_at,
    arg_max(enrollment_id, occurred_at) filter (where event_type = 'learning.course_completed') as completed_in,
    max(score_percent) filter (where event_type = 'learning.course_completed') as score_percent
from tail where enrollment_id not in (from gone) group by person_id, course_id
"""

# compliant: done; waived: an officer says that it need not be; overdue: not done and past its day; due_soon: not done,
# within 14 days; open: later.
# On a past day: what was assigned by then, done by then; how far it was then is not known.
# A completion counts as long as its certificate holds; once that is over, it is due since the last day of it.
OBLIGATION_OF = """
create temp table obligation as
with told as (
    select o.*, a.percent as percent_now, a.completed_in,
        case when a.completed_at::date >= coalesce(o.counts_from, date '0001-01-01') then a.completed_at end as done_now
    from mart o left join advance a using (person_id, course_id)
), known as (
    select o.*, {seat} team.display_name as person, team.org_unit_name as team,
        greatest(case when g.enrollment_id is null then o.progress_percent end, o.percent_now, 0) as percent,
        case when $as_of is null then greatest(o.completed_at, o.done_now)
            else coalesce(o.completed_at, o.done_now) end as done_at,
        least(case when o.done_now > o.completed_at then null else o.valid_until end, r.revoked_at)::date as over_on
    from told o join team using (person_id)
    left join gone g on g.enrollment_id = o.enrollment_id
    left join revoked r on r.enrollment_id = case
        when o.completed_at is null or o.done_now > o.completed_at then o.completed_in else o.enrollment_id end
    where $as_of is null or o.assigned_on <= $as_of
), lasting as (
    select *, done_at::date as done_on, coalesce(over_on < $today, false) as is_over from known
), dated as (
    select * replace (
        case when is_over then greatest(due_on, over_on, case when over_on = valid_until::date then next_due_on end)
            else due_on end as due_on,
        case when is_over then 0 else percent end as percent,
        case when ($as_of is null or done_on <= $as_of) and not is_over then done_at end as completed_at
    ) from lasting
)
select {keys} o.person_id, o.person, o.team, o.requirement_id, o.course_id, o.course_title as course, o.assigned_on,
    o.due_on, o.completed_at,
    case when o.completed_at is not null then 100 when $as_of is null then o.percent end as progress_percent,
    o.done_on, o.over_on, coalesce(o.is_waived and coalesce(o.waived_until >= $today, true), false) as is_waived,
    case when o.completed_at is not null then 'compliant'
        when o.is_waived and coalesce(o.waived_until >= $today, true) then 'waived'
        when o.due_on < $today then 'overdue' when o.due_on <= $today + 14 then 'due_soon' else 'open' end as status
from dated o
where ($due_from is null or o.due_on >= $due_from) and ($due_to is null or o.due_on <= $due_to)
and ($courses is null or list_contains($courses, o.course_id))
and ($people is null or list_contains($people, o.person_id))
and ($team is null or o.team = $team)
"""
OBLIGATION = OBLIGATION_OF.format(seat="", keys="")

WEEKS = """
create temp table week as
select cast($today as date) - cast(7 * w as integer) as day from range(26) as weeks (w)
"""

# What each team's obligations of now were on a day: the series and the trend are sums of it.
STATE = """
create temp table state as
select o.team, w.day,
    count(*) filter (where is_done) as compliant,
    count(*) filter (where o.due_on < w.day and not is_done and not o.is_waived) as overdue,
    count(*) filter (where o.due_on between w.day and w.day + 14 and not is_done and not o.is_waived) as due_soon,
    count(*) filter (where o.done_on > w.day - 7 and o.done_on <= w.day) as completions
from week w left join obligation o on o.assigned_on <= w.day,
    lateral (select coalesce(o.done_on <= w.day and coalesce(o.over_on >= w.day, true), false) as is_done)
group by o.team, w.day
"""

RATE = "compliant / nullif(compliant + overdue, 0)"

SERIES = f"""
select day, {RATE} as compliance_rate, overdue, due_soon, completions from (
    select day, sum(compliant)::bigint as compliant, sum(overdue)::bigint as overdue,
        sum(due_soon)::bigint as due_soon, sum(completions)::bigint as completions from state group by day
) order by day
"""

TREND = f"select team, day, {RATE} as rate from state where team is not null order by team, day"

MATRIX = f"""
select team, course, compliant, overdue, total, {RATE} as rate from (
    select team, course, count(*) filter (where status = 'compliant') as compliant,
        count(*) filter (where status = 'overdue') as overdue, count(*) as total
    from obligation group by team, course
) order by team, course
"""

TEAM_RATES = f"""
select team, round(100 * {RATE})::integer as rate from (
    select team, count(*) filter (where status = 'compliant') as compliant,
        count(*) filter (where status = 'overdue') as overdue from obligation group by team
) where compliant + overdue > 0 order by rate, team limit 12
"""

ITEM_OF = """
select {keys} person_id, person, team, course_id, course, due_on, status, progress_percent::integer as progress_percent,
    case when status = 'overdue' then $today - due_on else 0 end as days_late, completed_at
from obligation
"""
ITEM = ITEM_OF.format(keys="") + "where $status is null or status = $status"
ITEMS_ORDER = "days_late desc, due_on, person, course, person_id, course_id"
ITEMS = f"{ITEM} order by {ITEMS_ORDER} limit $limit"

ENROLLMENT = """
create temp table enrollment as
select coalesce(m.person_id, a.person_id) as person_id, coalesce(m.course_id, a.course_id) as course_id,
    greatest(coalesce(m.progress_percent, 0), coalesce(a.percent, 0))::integer as progress_percent,
    coalesce(m.score_percent, a.score_percent)::integer as score_percent,
    coalesce(m.enrolled_at, a.enrolled_at, a.last_activity_at) as enrolled_at,
    greatest(m.last_activity_at, a.last_activity_at) as last_activity_at,
    coalesce(m.completed_at, a.completed_at) as completed_at
from (select * from mart where enrollment_id not in (from gone)) m
full join advance a on a.person_id = m.person_id and a.course_id = m.course_id
"""

TEAM_PEOPLE = """
select t.person_id, t.display_name as person, t.org_unit_name as team, t.job_title, t.depth, t.via,
    count(e.course_id) as enrolled, count(e.completed_at) as completed,
    round(avg(e.progress_percent), 1) as average_percent, max(e.last_activity_at) as last_activity_at
from team t left join enrollment e using (person_id)
group by t.person_id, t.display_name, t.org_unit_name, t.job_title, t.depth, t.via order by person, t.person_id
"""

TEAM_ENROLLMENT = """
select e.*, t.display_name as person, t.org_unit_name as team, coalesce(c.title, 'New course') as course
from enrollment e join team t using (person_id) left join courses c using (course_id)
where ($courses is null or list_contains($courses, e.course_id))
and ($people is null or list_contains($people, e.person_id))
and ($status is null or ($status = 'completed') = (e.completed_at is not null))
"""
TEAM_ENROLLMENTS_ORDER = "last_activity_at desc nulls last, person, course, person_id, course_id"
TEAM_ENROLLMENTS = f"{TEAM_ENROLLMENT} order by {TEAM_ENROLLMENTS_ORDER} limit $limit"

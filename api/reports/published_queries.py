# ruff: noqa: S608 (the names in these queries are our own)
"""The queries of published.py: the definitions of queries.py applied once to everybody, and what a page asks of that.

Rows are numbered: n is an employment in the order of names, u a unit, r what is required, in the order of titles.
"""

from api.reports import queries

COMPANY = """
create table {name} as
select told.n, told.employment_id, told.person_id, told.display_name as person, unit.team, told.job_title, unit.u,
    unit.org_unit_id, told.manager_id, m.display_name as manager
from told join unit using (org_unit_id)
left join (select person_id, any_value(display_name) as display_name from told group by person_id) m
    on m.person_id = told.manager_id
order by told.n
"""
SIGHT = """
create table {name} as select p.n, p.u, t.depth, t.via from told t join {people} p using (employment_id) order by p.n
"""
HELD = "select u, count(*) as many from {name} group by u"
SEEN_IDS = "select p.person_id from {name} join {people} p using (n)"

MART = """
select * exclude (display_name, org_unit_name, manager_id) from {mart}
union all by name select cast(null as timestamptz) as valid_until, cast(null as date) as next_due_on,
    cast(null as date) as counts_from, cast(null as date) as waived_until, cast(null as boolean) as is_waived
where false
"""
MART_ROWS = "create temp table mart as select row_number() over () as i, * from source"
EVERYBODY = """
create temp table team as select n, u, person_id, person as display_name, team as org_unit_name from {people}
"""

OBLIGATION_SUBJECTS = """
create table {name} as
select (row_number() over (order by course, requirement_id))::smallint as r, * from (
    select requirement_id, any_value(course_id) as course_id, any_value(course_title) as course
    from source group by requirement_id
)
"""
ENROLLMENT_SUBJECTS = """
create table {name} as
select (row_number() over (order by course, course_id))::integer as r, * from (
    select course_id, any_value(title) as course from courses group by course_id
)
"""
REQUIRED = "select distinct course_id as id, course as name from {subjects} order by name, id"

OBLIGATION = queries.OBLIGATION_OF.format(seat="team.n, team.u,", keys="o.i, o.n, o.u,")


def week(day: str) -> str:
    """The first of the 26 weeks that ends on this day or later, 100 for never; the last one ends today."""
    number = f"least(greatest(({day} - $today + 175 + 70006) // 7 - 10000, -1), 100)"
    return f"(case when {day} is null then 100 else {number} end)::tinyint"  # they pass over null


ITEM = queries.ITEM_OF.format(keys="i, n, u, requirement_id, assigned_on, done_on, over_on, is_waived,")

# From which week on something holds, what is waived never late; `queries.STATE` says the same in days.
DUE_ON = "case when not is_waived then due_on end"
WEEKS_OF = f"""
    {week("assigned_on")} as assigned_w, {week(f"({DUE_ON}) - 14")} as near_w, {week(f"({DUE_ON}) + 1")} as late_w,
    {week("done_on")} as done_w, {week("over_on + 1")} as over_w
"""

# What the mart says of it stays beside what follows: newer events of a person are reckoned from it.
OBLIGATION_ROWS = f"""
create table {{name}} as
with told as (select *, {WEEKS_OF}, {{hash}} as hash from ({ITEM}))
select t.n, t.u, s.r, t.due_on as now_due_on, t.status as now_status, t.progress_percent::tinyint as now_percent,
    t.completed_at as now_completed_at, t.assigned_w, t.near_w, t.late_w, t.done_w, t.over_w, t.hash,
    m.* exclude (i, person_id, course_id, course_title, requirement_id, as_of_xid)
from told t join mart m using (i) join {{subjects}} s on s.requirement_id = m.requirement_id order by t.n, s.r
"""

OF_OBLIGATION = (
    "n, u, r, now_due_on, now_status, now_percent, now_completed_at, assigned_w, near_w, late_w, done_w, over_w, hash"
)
# The mart's own columns again, of those people of whom something newer is known.
OBLIGATION_MART = f"""
create temp table mart as
select 0 as i, p.person_id, s.requirement_id, s.course_id, s.course as course_title, b.* exclude ({OF_OBLIGATION})
from {{rows}} b semi join stirred using (n) join {{people}} p using (n) join {{subjects}} s using (r)
"""
OBLIGATION_FRESH = f"""
create temp table fresh as
with told as (
    select *, {WEEKS_OF}, {{hash}} as hash from ({ITEM})
)
select t.n, t.u, s.r, t.due_on as now_due_on, t.status as now_status, t.progress_percent::tinyint as now_percent,
    t.completed_at as now_completed_at, t.assigned_w, t.near_w, t.late_w, t.done_w, t.over_w, t.hash
from told t join {{subjects}} s using (requirement_id)
"""
NO_OBLIGATION = f"create temp table fresh as select {OF_OBLIGATION} from {{rows}} limit 0"

TITLES = "create temp view courses as select course_id, course as title from {subjects}"
ENROLLMENT_TEAM = """
create temp table enrolled as
select *, {hash} as hash from (
    select t.n, t.u, e.person_id, e.course_id, t.display_name as person, t.org_unit_name as team,
        coalesce(c.title, 'New course') as course, e.progress_percent, e.score_percent, e.enrolled_at,
        e.last_activity_at, e.completed_at
    from enrollment e join team t using (person_id) left join courses c using (course_id)
)
"""
OF_ENROLLMENT = "n, u, course_id, course, now_percent, now_score, now_enrolled_at, now_last_at, now_completed_at, hash"
ENROLLMENT_NOW = """
t.n, t.u, t.course_id, t.course, t.progress_percent::tinyint as now_percent, t.score_percent::tinyint as now_score,
t.enrolled_at as now_enrolled_at, t.last_activity_at as now_last_at, t.completed_at as now_completed_at, t.hash
"""
ENROLLMENT_ROWS = f"""
create table {{name}} as
select {ENROLLMENT_NOW},
    m.* exclude (i, person_id, course_id, as_of_xid)
from enrolled t join mart m using (person_id, course_id) order by t.n, t.course
"""
ENROLLMENT_MART = f"""
create temp table mart as
select p.person_id, b.course_id, b.* exclude ({OF_ENROLLMENT})
from {{rows}} b semi join stirred using (n) join {{people}} p using (n)
"""
ENROLLMENT_FRESH = f"create temp table fresh as select {ENROLLMENT_NOW} from enrolled t"
NO_ENROLLMENT = f"create temp table fresh as select {OF_ENROLLMENT} from {{rows}} limit 0"

# Of whom something newer than the mart is known; on a past day everything is reckoned anew.
STIRRED = """
create temp table stirred as
select s.n from {sight} s join {people} p using (n)
where $as_of is not null or p.person_id in (select person_id from tail)
"""
STIRRED_TEAM = """
create temp table team as
select n, p.u, p.person_id, p.person as display_name, p.team as org_unit_name
from stirred join {people} p using (n)
"""

# The state of now: whom the caller sees, as the mart has it or reckoned anew.
NOW = """
(
    select {columns} from {rows} b semi join {sight} using (n) where $as_of is null and n not in (from stirred)
    union all by name select {columns} from fresh
)
"""
CUBE = """
create temp table cube as
select g.unit, r, now_status, assigned_w, near_w, late_w, done_w, over_w, count(*) as many, sum(hash) as hash
from {now} v join shown g using (u)
where ($due_from is null or now_due_on >= $due_from) and ($due_to is null or now_due_on <= $due_to)
and ($rs is null or list_contains($rs, r)) and ($ns is null or list_contains($ns, n))
group by all
"""
EVIDENCE = """
select coalesce(sum(many), 0)::bigint as row_count, coalesce(sum(hash), 0) as total from cube
where $status is null or now_status = $status
"""

# What each unit's obligations of now were at the end of a week: the series and the trend are sums of it.
STATE = """
create temp table state as
select c.unit, $today - (7 * (25 - w.week))::integer as day,
    coalesce(sum(many) filter (where is_done), 0)::bigint as compliant,
    coalesce(sum(many) filter (where late_w <= week and not is_done), 0)::bigint as overdue,
    coalesce(sum(many) filter (where near_w <= week and week < late_w and not is_done), 0)::bigint as due_soon,
    coalesce(sum(many) filter (where done_w = week), 0)::bigint as completions
from range(26) as w (week) left join cube c on assigned_w <= week,
    lateral (select done_w <= week and week < over_w as is_done)
group by c.unit, w.week
"""
SERIES = f"""
select day, {queries.RATE} as compliance_rate, overdue, due_soon, completions from (
    select day, sum(compliant)::bigint as compliant, sum(overdue)::bigint as overdue,
        sum(due_soon)::bigint as due_soon, sum(completions)::bigint as completions from state group by day
) order by day
"""
TREND = f"select unit, day, {queries.RATE} as rate from state where unit is not null order by unit, day"
MATRIX = f"""
select unit, course, compliant, overdue, due_soon, total, {queries.RATE} as rate from (
    select unit, s.course_id, s.course,
        coalesce(sum(many) filter (where now_status = 'compliant'), 0)::bigint as compliant,
        coalesce(sum(many) filter (where now_status = 'overdue'), 0)::bigint as overdue,
        coalesce(sum(many) filter (where now_status = 'due_soon'), 0)::bigint as due_soon, sum(many)::bigint as total
    from cube join {{subjects}} s using (r) group by unit, s.course_id, s.course
) order by unit, course
"""
ITEMS = """
with first as (
    select n, u, r, now_due_on, now_status, now_percent, now_completed_at from {now} v semi join shown using (u)
    where ($due_from is null or now_due_on >= $due_from) and ($due_to is null or now_due_on <= $due_to)
    and ($rs is null or list_contains($rs, r)) and ($ns is null or list_contains($ns, n))
    and ($status is null or now_status = $status)
    order by now_status <> 'overdue', now_due_on, n, r limit $limit
)
select p.person_id, p.person, p.team, s.course_id, s.course, now_due_on as due_on, now_status as status,
    now_percent as progress_percent, now_completed_at as completed_at,
    case when now_status = 'overdue' then $today - now_due_on else 0 end as days_late
from first join {people} p using (n) join {subjects} s using (r)
order by now_status <> 'overdue', now_due_on, n, r
"""

CHOSEN = """
create temp table chosen as
select n, depth, via from {sight} semi join shown using (u)
where ($ns is null or list_contains($ns, n))
"""
TEAM_EVIDENCE = """
select count(*) as row_count, coalesce(sum(hash), 0) as total from {now} v semi join shown using (u)
where ($courses is null or list_contains($courses, course_id)) and ($ns is null or list_contains($ns, n))
and ($status is null or ($status = 'completed') = (now_completed_at is not null))
"""
TEAM_ITEMS = """
with first as (
    select * from {now} v semi join shown using (u)
    where ($courses is null or list_contains($courses, course_id)) and ($ns is null or list_contains($ns, n))
    and ($status is null or ($status = 'completed') = (now_completed_at is not null))
    order by now_last_at desc nulls last, n, course, course_id limit $limit
)
select p.person_id, p.person, p.team, course_id, course, now_percent as progress_percent, now_score as score_percent,
    now_enrolled_at as enrolled_at, now_last_at as last_activity_at, now_completed_at as completed_at
from first join {people} p using (n) order by now_last_at desc nulls last, n, course, course_id
"""
# A manager is named to whoever sees them, or is them.
TEAM_PEOPLE = """
with page as (
    select c.n, c.depth, c.via, p.* exclude (n, u), count(*) over () as total from chosen c join {people} p using (n)
    where $q is null or contains(lower(p.person), lower($q)) order by n limit $limit offset $offset
), learned as (
    select n, count(*) as enrolled, count(now_completed_at) as completed, round(avg(now_percent), 1) as average_percent,
        max(now_last_at) as last_activity_at
    from {now} v semi join page using (n) group by n
)
select page.* exclude (manager_id) replace (case when depth = 1 and via = 'team' or manager_id in (
        select q.person_id from {sight} join {people} q using (n)
    ) then manager end as manager),
    coalesce(enrolled, 0) as enrolled, coalesce(completed, 0) as completed, average_percent, last_activity_at
from page left join learned using (n) order by n
"""

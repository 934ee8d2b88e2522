"""A creator's numbers, each computed here and nowhere else, for any choice of learners.

Distinct people and medians of groups can't be added up, so they are computed from facts when they are asked for: LOAD
copies one course's facts out of the lake snapshot, and all else reads those tables.
"""

from itertools import pairwise

OWN_COURSES = """
select c.course_id, c.title, c.category, coalesce(s.learner_count, 0) as learner_count,
    coalesce(s.completed_count, 0) as completed_count
from lake.marts.dim_course c left join lake.marts.rpt_course_summary s using (course_id)
where $is_all or list_contains($own, c.course_id) order by learner_count desc, title
"""

AS_OF = "select coalesce(max(as_of_xid), 0) from lake.marts.rpt_course_by_enrollment"

OF_COURSE = {
    "learner": "rpt_course_by_enrollment",
    "progress": "fct_module_progress",
    "segment": "fct_video_segment",
    "answer": "fct_quiz_answer",
    "rating": "fct_course_rating",
    "move": "fct_version_move",
    "version": "dim_course_version",
    "module": "dim_module",
    "question": "dim_question",
    "choice": "dim_choice",
}
"""Temporary tables by the model whose rows of one course they hold."""

LOAD = [
    f"create temp table {table} as select * from lake.marts.{model} where course_id = $course_id"  # noqa: S608
    for table, model in OF_COURSE.items()
]
# An event of before items had versions names only the question, which was published and so still says its item.
LOAD.append(
    """
    update answer set item_id = coalesce(q.item_id, question_id), item_version = coalesce(q.item_version, 1)
    from (select question_id as asked, item_id, item_version from question) q
    where answer.item_id is null and q.asked = answer.question_id
    """
)

VERSIONS = """
select v.version_number as number, v.title, v.published_at, v.is_current, count(distinct l.person_id) as learner_count
from version v left join learner l using (version_id) group by all order by number
"""

# The learners asked for, of every version: a version's film and answers are found by their module instead.
CROWD = """
create or replace temp table crowd as select * from learner
where ($unit is null or org_unit_id = $unit) and ($country is null or country = $country)
and ($cohort is null or cohort = $cohort)
"""
CHOSEN = (
    "create or replace temp table chosen as select * from crowd where $version is null or version_number = $version"
)

# How many people the choice has, and how many remain beside it if one of its filters were left out.
SIZES = """
select count(distinct person_id) filter (where unit_fits and country_fits and cohort_fits) as chosen,
    count(distinct person_id) filter (where not unit_fits and country_fits and cohort_fits) as beside_unit,
    count(distinct person_id) filter (where unit_fits and not country_fits and cohort_fits) as beside_country,
    count(distinct person_id) filter (where unit_fits and country_fits and not cohort_fits) as beside_cohort
from (
    select person_id, $unit is null or coalesce(org_unit_id = $unit, false) as unit_fits,
        $country is null or coalesce(country = $country, false) as country_fits,
        $cohort is null or cohort = $cohort as cohort_fits
    from learner where $version is null or version_number = $version
)
"""

# The modules of the version asked for, else of the current one, else of the newest.
SHOWN = """
create or replace temp table shown as select m.* from module m semi join (
    select version_id from version where $version is null or version_number = $version
    order by is_current desc, version_number desc limit 1
) v using (version_id)
"""

# What was done of a step in another version counts, unless the learner was moved on since and had to do it again.
FINISHED = """
create or replace temp table finished as
select p.enrollment_id, m.stem_id, m.module_id in (select module_id from shown) as is_here
from progress p join module m using (module_id) join version v on v.version_id = m.version_id
where p.completed_at is not null and (is_here or not exists (
    select 1 from move join version f on f.version_id = move.from_version_id
    where move.enrollment_id = p.enrollment_id and list_contains(move.redo_stem_ids, m.stem_id)
    and f.version_number >= v.version_number
))
"""

FUNNEL = """
with step as (
    select -2 as position, 'Enrolled' as step, null as kind, null as module_id,
        count(distinct person_id) as person_count
    from chosen
    union all
    select -1, 'Started', null, null, count(distinct person_id) from chosen where started_at is not null
    union all
    select s.position, s.title, s.kind, s.module_id, count(distinct c.person_id)
    from shown s left join finished f using (stem_id) left join chosen c on c.enrollment_id = f.enrollment_id
    group by s.position, s.title, s.kind, s.module_id
    union all
    select 1e6, 'Finished', null, null, count(distinct person_id) from chosen where completed_at is not null
)
select step, kind, module_id, person_count, person_count / nullif(first(person_count) over w, 0) as share,
    lag(person_count) over w - person_count as lost,
    1 - person_count / nullif(lag(person_count) over w, 0) as lost_share
from step window w as (order by position) order by position
"""

SERIES = """
select day, count(distinct e.person_id) as learners,
    count(distinct e.person_id) filter (where e.completed_at::date <= day)
        / nullif(count(distinct e.person_id), 0) as completion_rate
from (select cast($today as date) - cast(7 * w as integer) as day from range(13) as weeks (w)) weeks
left join chosen e on e.enrolled_at::date <= day group by day order by day
"""

DURATIONS = """
select count(days_to_complete) as count, quantile_cont(days_to_complete, 0.25) as p25,
    median(days_to_complete) as median, quantile_cont(days_to_complete, 0.75) as p75,
    quantile_cont(days_to_complete, 0.9) as p90
from chosen
"""

EDGES = (0, 1, 2, 3, 5, 7, 14, 21, 30, 60, 90)
"""Days at which the bars of the histogram begin; the last one has no end."""

BARS = ", ".join(f"({low}, {high})" for low, high in pairwise([*EDGES, "null"]))
HISTOGRAM = f"""
select bar.from_days, bar.to_days, count(c.person_id) as person_count
from (values {BARS}) as bar (from_days, to_days)
left join chosen c on c.days_to_complete >= bar.from_days
    and (bar.to_days is null or c.days_to_complete < bar.to_days)
group by bar.from_days, bar.to_days order by bar.from_days
"""  # noqa: S608

# A film's plays are those of its module; over all versions those of the same step with the same file.
FILM = """
create or replace temp table film as
select s.module_id as shown_id, s.position, s.title, s.duration_s, m.module_id
from shown s join module m on m.module_id = s.module_id
    or ($version is null and m.stem_id = s.stem_id and m.media_id = s.media_id and m.duration_s = s.duration_s)
where s.kind = 'video'
"""

PLAYED = """
create or replace temp table played as
select f.shown_id, g.person_id, g.segment_s, sum(g.play_count)::bigint as play_count
from film f join segment g on g.module_id = f.module_id and g.segment_s < f.duration_s
semi join crowd using (person_id) group by all
"""

RETENTION = """
with viewer as (select shown_id, count(distinct person_id) as viewer_count from played group by shown_id),
seen as (
    select shown_id, segment_s, count(*) as viewer_count, sum(play_count)::bigint as play_count
    from played group by shown_id, segment_s
),
film as (
    select distinct shown_id, position, title, duration_s, unnest(range(0, duration_s, 5)) as segment_s from film
)
select f.shown_id as module_id, f.title, f.duration_s, v.viewer_count as audience, f.segment_s,
    coalesce(s.viewer_count, 0) as viewer_count, coalesce(s.viewer_count, 0) / v.viewer_count as viewer_share,
    coalesce(s.play_count, 0) as play_count
from film f join viewer v using (shown_id) left join seen s using (shown_id, segment_s)
order by f.position, f.shown_id, f.segment_s
"""

WATCHED = """
select median(share) as share from (
    select least(count(*) * 5 / any_value(f.duration_s), 1) as share
    from played p join (select distinct shown_id, duration_s from film) f using (shown_id)
    group by p.shown_id, p.person_id
)
"""

GROUPS = {
    "unit": ("org_unit_id", "org_unit_name"),
    "country": ("country", "country"),
    "cohort": ("cohort", "cohort"),
    "version": ("version_number", "version_number"),
}
"""What learners are told apart by: (key, name) of `learner`."""

UNKNOWN = "Unknown"

GROUP_SIZES = """
select coalesce(cast({key} as varchar), 'Unknown') as key,
    coalesce(cast(any_value({name}) as varchar), 'Unknown') as name, count(distinct person_id) as learner_count
from {table} group by {key} order by key
"""

# Groups that are too small to show are one: none of them can be told from the rest.
GROUP_FIGURES = """
with grouped as (
    select *, coalesce(cast({key} as varchar), 'Unknown') as key,
        coalesce(cast({name} as varchar), 'Unknown') as shown_as,
        list_contains($pooled::varchar[], coalesce(cast({key} as varchar), 'Unknown')) as is_pooled
    from chosen
)
select case when is_pooled then null else key end as key,
    case when is_pooled then 'Smaller groups' else any_value(shown_as) end as name,
    count(distinct person_id) as learner_count,
    count(distinct person_id) filter (where started_at is not null) as started_count,
    count(distinct person_id) filter (where completed_at is not null) as completed_count,
    count(distinct person_id) filter (where completed_at is not null) / count(distinct person_id) as completion_rate,
    median(days_to_complete) as median_days
from grouped group by is_pooled, case when is_pooled then null else key end
"""

RATING = """
select count(*) as count, avg(r.stars) as average,
    [count(*) filter (where r.stars = 1), count(*) filter (where r.stars = 2), count(*) filter (where r.stars = 3),
        count(*) filter (where r.stars = 4), count(*) filter (where r.stars = 5)] as by_stars
from rating r left join version v using (version_id)
where r.person_id in (select person_id from crowd) and ($version is null or v.version_number = $version)
"""

"""Item analysis over the tables of course_queries: an item is told by its first answers, one a learner."""

# Discrimination compares an item with the rest of the same attempt, whichever items were drawn for it. `place` is the
# learner's rank by the attempt's score, 0 to 1; equal scores share one, so that nobody is in a third by chance.
MET = """
create or replace temp table met as
with marked as (
    select a.*, count(*) over attempt as item_count, sum(a.points_share) over attempt as total
    from answer a left join version v using (version_id)
    where a.person_id in (select person_id from crowd) and ($version is null or v.version_number = $version)
    window attempt as (partition by a.attempt_id)
), first_met as (
    select *, (total - points_share) / nullif(item_count - 1, 0) as rest, round(total / item_count, 6) as score
    from marked
    qualify row_number() over (partition by enrollment_id, item_id, item_version order by submitted_at, attempt_id) = 1
)
select *,
    (rank() over (partition by item_id, item_version order by score)
        + (count(*) over (partition by item_id, item_version, score) - 1) / 2 - 0.5)
        / count(*) over (partition by item_id, item_version) as place
from first_met
"""

LAST = """
create or replace temp table last_given as
select a.item_id, a.item_version, a.is_correct from answer a left join version v using (version_id)
where a.person_id in (select person_id from crowd) and ($version is null or v.version_number = $version)
qualify row_number() over (
    partition by a.enrollment_id, a.item_id, a.item_version order by a.submitted_at desc, a.attempt_id desc) = 1
"""

# Each item version in the words of the version that is shown, else of the newest that has it.
WORDED = """
create or replace temp table worded as
select q.*, m.title as module_title, m.position as module_position, s.module_id is not null as is_shown
from question q join module m using (module_id) join version v on v.version_id = m.version_id
left join shown s on s.module_id = q.module_id
qualify row_number() over (
    partition by q.item_id, q.item_version order by is_shown desc, v.version_number desc, q.question_id desc) = 1
"""

ITEMS = """
with first_answers as (
    select item_id, item_version, count(*) as answer_count, avg(is_correct::int) as correct_share,
        avg(points_share) as points_share, corr(points_share, rest) as discrimination,
        avg(is_correct::int) filter (where place > 2 / 3) as upper_correct_share,
        avg(is_correct::int) filter (where place < 1 / 3) as lower_correct_share,
        count(is_first_correct) as traced_count, avg(is_first_correct::int) as first_correct_share,
        avg((list_sort(first_choice_ids) <> list_sort(choice_ids))::int) filter (where is_first_correct is not null)
            as changed_share,
        avg((is_correct and not is_first_correct)::int) filter (where is_first_correct is not null)
            as wrong_to_right_share,
        avg((is_first_correct and not is_correct)::int) filter (where is_first_correct is not null)
            as right_to_wrong_share,
        median(duration_s) as median_s, quantile_cont(duration_s, 0.9) as p90_s
    from met group by item_id, item_version
), last_answers as (
    select item_id, item_version, avg(is_correct::int) as last_correct_share
    from last_given group by item_id, item_version
)
select w.question_id, w.item_id, w.item_version, w.module_id, w.module_title, w.position, w.kind, w.prompt, w.is_shown,
    coalesce(f.answer_count, 0) as answer_count, f.* exclude (item_id, item_version, answer_count, discrimination),
    case when isfinite(f.discrimination) then round(f.discrimination, 4) end as discrimination,
    coalesce(f.traced_count, 0) as traced_count, l.last_correct_share
from worded w left join first_answers f using (item_id, item_version)
left join last_answers l using (item_id, item_version)
where w.is_shown or f.answer_count > 0
order by w.is_shown desc, w.module_position, w.position, w.item_id, w.item_version
"""

# A choice's place stands for it: a version's copy of an unedited item has choices of its own in the same order.
CHOICES = """
with pick as (
    select m.item_id, m.item_version, c.position, count(*) as picked,
        count(*) filter (where m.place > 2 / 3) as by_upper, count(*) filter (where m.place < 1 / 3) as by_lower
    from (select *, unnest(choice_ids) as choice_id from met) m join choice c using (choice_id)
    group by all
), size as (
    select item_id, item_version, count(*) as everybody, count(*) filter (where place > 2 / 3) as upper_third,
        count(*) filter (where place < 1 / 3) as lower_third
    from met group by all
)
select w.item_id, w.item_version, c.choice_id, c.label, c.is_correct,
    coalesce(p.picked / s.everybody, 0) as share,
    coalesce(p.by_upper, 0) / nullif(s.upper_third, 0) as upper_share,
    coalesce(p.by_lower, 0) / nullif(s.lower_third, 0) as lower_share
from worded w join choice c using (question_id)
left join pick p on (p.item_id, p.item_version, p.position) = (w.item_id, w.item_version, c.position)
left join size s on (s.item_id, s.item_version) = (w.item_id, w.item_version)
where w.kind in ('single', 'multiple') order by w.item_id, w.item_version, c.position
"""

PASSED = """
select count(distinct attempt_id) as attempt_count,
    count(distinct attempt_id) filter (where is_attempt_passed) / nullif(count(distinct attempt_id), 0) as pass_rate
from answer a left join version v using (version_id)
where attempt_number = 1 and a.person_id in (select person_id from crowd)
and ($version is null or v.version_number = $version)
"""

-- One row per course: the figures at the head of its creator's page.
with courses as (
    select * from {{ ref('dim_course') }}
),

learners as (
    select
        course_id,
        count(distinct person_id) as learner_count,
        count(distinct person_id) filter (where completed_at is not null) as completed_count,
        median(date_diff('day', enrolled_at, completed_at)) as median_days_to_complete
    from {{ ref('fct_enrollment') }}
    group by course_id
),

first_attempts as (
    select
        course_id,
        count(distinct attempt_id) as first_attempt_count,
        count(distinct attempt_id) filter (where is_attempt_passed) as first_attempt_passed_count
    from {{ ref('fct_quiz_answer') }}
    group by course_id
),

watched as (
    select
        modules.course_id,
        segments.person_id,
        least(count(*) * 5 / max(modules.duration_s), 1) as watched_share
    from {{ ref('fct_video_segment') }} as segments
    inner join {{ ref('dim_module') }} as modules on segments.module_id = modules.module_id
    where segments.segment_s < modules.duration_s
    group by modules.course_id, segments.module_id, segments.person_id
),

watches as (
    select
        course_id,
        median(watched_share) as median_watched_share
    from watched
    group by course_id
)

select
    courses.course_id,

    coalesce(learners.learner_count, 0) as learner_count,
    coalesce(learners.completed_count, 0) as completed_count,
    learners.median_days_to_complete,
    coalesce(first_attempts.first_attempt_count, 0) as first_attempt_count,
    coalesce(first_attempts.first_attempt_passed_count, 0) as first_attempt_passed_count,
    watches.median_watched_share
from courses
left join learners on courses.course_id = learners.course_id
left join first_attempts on courses.course_id = first_attempts.course_id
left join watches on courses.course_id = watches.course_id

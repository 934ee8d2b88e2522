-- One row per course: how many people it has, for the list that its creator chooses from.
with courses as (
    select * from {{ ref('dim_course') }}
),

learners as (
    select
        course_id,
        count(distinct person_id) as learner_count,
        count(distinct person_id) filter (where completed_at is not null) as completed_count
    from {{ ref('fct_enrollment') }}
    where withdrawn_at is null
    group by course_id
)

select
    courses.course_id,

    coalesce(learners.learner_count, 0) as learner_count,
    coalesce(learners.completed_count, 0) as completed_count
from courses
left join learners on courses.course_id = learners.course_id

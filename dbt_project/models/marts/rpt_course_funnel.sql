-- One row per course and step from enrolling to completing: how many people came that far.
with enrollments as (
    select * from {{ ref('fct_enrollment') }}
),

quizzes as (
    select distinct course_id from {{ ref('dim_module') }} where kind = 'quiz'
),

reached as (
    select
        course_id,
        count(distinct person_id) as enrolled,
        count(distinct person_id) filter (where started_at is not null) as started,
        count(distinct person_id) filter (where progress_percent >= 50) as half_done,
        count(distinct person_id) filter (where quiz_taken_at is not null) as quiz_taken,
        count(distinct person_id) filter (where completed_at is not null) as completed
    from enrollments
    group by course_id
),

steps as (
    select
        course_id,
        unnest([
            {'step_position': 1, 'step': 'enrolled', 'person_count': enrolled},
            {'step_position': 2, 'step': 'started', 'person_count': started},
            {'step_position': 3, 'step': 'half_done', 'person_count': half_done},
            {'step_position': 4, 'step': 'quiz_taken', 'person_count': quiz_taken},
            {'step_position': 5, 'step': 'completed', 'person_count': completed}
        ], recursive := true)
    from reached
)

select
    course_id,
    step_position,
    step,
    person_count
from steps
where step != 'quiz_taken' or course_id in (select quizzes.course_id from quizzes)

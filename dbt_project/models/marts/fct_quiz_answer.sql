-- One row per submitted attempt and question of it.
{{ config(materialized='incremental', incremental_strategy='append') }}

with attempts as (
    select
        *,
        unnest(answers) as answer
    from {{ ref('stg_lake__learning_event') }}
    where event_type = 'learning.quiz_submitted' and {{ above_watermark() }}
)

-- Events of before items had versions name only the question, and one answer was one point.
select
    attempt_id,
    answer.question_id,
    enrollment_id,
    person_id,
    course_id,
    version_id,
    module_id,
    answer.item_id,

    answer.item_version,
    attempt_number,
    is_passed as is_attempt_passed,
    answer.choice_ids,
    answer.is_correct,
    answer.first_choice_ids,
    answer.is_first_correct,

    coalesce(answer.points_share, cast(answer.is_correct as double)) as points_share,
    answer.duration_s,

    occurred_at as submitted_at,
    max(xid) over () as as_of_xid
from attempts

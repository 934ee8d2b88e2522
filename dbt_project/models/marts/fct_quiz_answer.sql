-- One row per enrollment and question, for the first attempt at the quiz: later ones have seen the answers.
{{ config(materialized='incremental', incremental_strategy='append') }}

with attempts as (
    select
        *,
        unnest(answers) as answer
    from {{ ref('stg_lake__learning_event') }}
    where event_type = 'learning.quiz_submitted' and attempt_number = 1 and {{ above_watermark() }}
)

select
    enrollment_id,
    answer.question_id,
    attempt_id,
    person_id,
    course_id,
    version_id,
    module_id,

    answer.choice_ids,
    answer.is_correct,
    is_passed as is_attempt_passed,

    occurred_at as submitted_at,
    max(xid) over () as as_of_xid
from attempts

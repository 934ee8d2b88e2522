-- One row per answer that a quiz item offers, in each course version that has the item.
with choices as (
    select * from {{ ref('stg_core__choice') }}
),

questions as (
    select * from {{ ref('dim_question') }}
)

select
    choices.choice_id,
    choices.question_id,
    questions.course_id,

    choices.position,
    choices.label,
    choices.is_correct
from choices
inner join questions on choices.question_id = questions.question_id

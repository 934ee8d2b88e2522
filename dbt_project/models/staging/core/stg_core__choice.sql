-- One row per answer that a quiz item offers.
select
    cast(id as varchar) as choice_id,
    cast(question_id as varchar) as question_id,
    position,
    label,
    is_correct
from {{ source('core_db', 'choice') }}

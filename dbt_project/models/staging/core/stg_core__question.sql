-- One row per quiz item.
select
    cast(id as varchar) as question_id,
    cast(module_id as varchar) as module_id,
    position,
    kind,
    prompt
from {{ source('core_db', 'question') }}

-- One row per quiz item in a course version.
select
    cast(id as varchar) as question_id,
    cast(module_id as varchar) as module_id,
    cast(item_id as varchar) as item_id,
    item_version,
    position,
    kind,
    prompt
from {{ source('core_db', 'question') }}

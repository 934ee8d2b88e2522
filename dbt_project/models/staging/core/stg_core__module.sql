-- One row per step of a course version.
select
    cast(id as varchar) as module_id,
    cast(version_id as varchar) as version_id,
    position,
    kind,
    title,
    duration_s
from {{ source('core_db', 'module') }}

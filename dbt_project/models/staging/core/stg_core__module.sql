-- One row per step of a course version.
select
    cast(id as varchar) as module_id,
    cast(version_id as varchar) as version_id,
    cast(stem_id as varchar) as stem_id,
    cast(media_id as varchar) as media_id,
    position,
    kind,
    title,
    duration_s
from {{ source('core_db', 'module') }}

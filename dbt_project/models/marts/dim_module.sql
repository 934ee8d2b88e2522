-- One row per step of a course version, drafts included.
with modules as (
    select * from {{ ref('stg_core__module') }}
),

versions as (
    select * from {{ ref('stg_core__course_version') }}
)

select
    modules.module_id,
    modules.version_id,
    versions.course_id,
    modules.stem_id,
    modules.media_id,

    modules.position,
    modules.kind,
    modules.title,
    modules.duration_s
from modules
inner join versions on modules.version_id = versions.version_id

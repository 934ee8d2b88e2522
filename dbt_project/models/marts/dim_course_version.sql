-- One row per published version of a course.
with versions as (
    select * from {{ ref('stg_core__course_version') }} where published_at is not null
),

courses as (
    select * from {{ ref('stg_core__course') }}
)

select
    versions.version_id,
    versions.course_id,

    versions.version_number,
    versions.title,
    coalesce(versions.version_id = courses.current_version_id, false) as is_current,

    versions.published_at
from versions
inner join courses on versions.course_id = courses.course_id

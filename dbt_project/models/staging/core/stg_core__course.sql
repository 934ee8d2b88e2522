-- One row per course, whatever its versions.
select
    cast(id as varchar) as course_id,
    cast(owner_id as varchar) as owner_id,
    cast(current_version_id as varchar) as current_version_id,
    slug
from {{ source('core_db', 'course') }}

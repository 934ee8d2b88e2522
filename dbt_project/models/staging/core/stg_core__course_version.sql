-- One row per version of a course, drafts included.
select
    cast(id as varchar) as version_id,
    cast(course_id as varchar) as course_id,
    number as version_number,
    title,
    category,
    difficulty,
    language,
    duration_min,
    published_at
from {{ source('core_db', 'course_version') }}

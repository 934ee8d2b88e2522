-- One row per mandatory course and audience that holds on the day of the build.
select
    cast(id as varchar) as requirement_id,
    cast(course_id as varchar) as course_id,
    title,
    every_months,
    due_within_days,
    valid_from
from {{ source('core_db', 'requirement') }}
where
    superseded_at is null
    and valid_from <= {{ today() }}
    and (valid_to is null or valid_to > {{ today() }})

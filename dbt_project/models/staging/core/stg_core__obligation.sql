-- One row per employment, requirement and period that had begun by the day of the build, as it is known now.
select
    cast(person_id as varchar) as person_id,
    cast(employment_id as varchar) as employment_id,
    cast(requirement_id as varchar) as requirement_id,
    cast(course_id as varchar) as course_id,
    cast(enrollment_id as varchar) as enrollment_id,
    period,
    assigned_on,
    due_on,
    next_due_on,
    counts_from,
    completed_at,
    valid_from,
    valid_to
from {{ source('core_db', 'obligation') }}
where superseded_at is null and valid_from <= {{ today() }}

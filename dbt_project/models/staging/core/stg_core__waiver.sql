-- One row per person and requirement that is waived on the day of the build.
select
    cast(person_id as varchar) as person_id,
    cast(requirement_id as varchar) as requirement_id,
    case when bool_and(valid_to is not null) then max(valid_to) - 1 end as waived_until
from {{ source('core_db', 'waiver') }}
where
    superseded_at is null
    and valid_from <= {{ today() }}
    and (valid_to is null or valid_to > {{ today() }})
group by person_id, requirement_id

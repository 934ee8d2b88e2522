-- One row per employment, with the version that holds on the day of the build (else the nearest one).
with employments as (
    select * from {{ ref('stg_core__employment') }}
),

versions as (
    select * from {{ ref('stg_core__employment_version') }}
    qualify row_number() over (
        partition by employment_id
        order by valid_from <= {{ today() }} desc, abs(date_diff('day', valid_from, {{ today() }}))
    ) = 1
)

select
    employments.employment_id,
    employments.person_id,
    employments.employee_number,
    versions.org_unit_id,
    versions.manager_id,

    versions.job_title,
    versions.country,
    versions.location,

    employments.started_on,
    employments.ended_on,
    employments.started_on <= {{ today() }}
    and (employments.ended_on is null or employments.ended_on >= {{ today() }}) as is_active
from employments
inner join versions on employments.employment_id = versions.employment_id

-- One row per person, with the current employment: of two at once the later one, of none the last one.
with people as (
    select * from {{ ref('stg_core__person') }}
),

employments as (
    select * from {{ ref('dim_employment') }}
    qualify row_number() over (
        partition by person_id
        order by is_active desc, started_on <= {{ today() }} desc, started_on desc, employment_id desc
    ) = 1
),

org_units as (
    select * from {{ ref('stg_core__org_unit') }}
)

select
    people.person_id,
    employments.employment_id,
    employments.org_unit_id,
    employments.manager_id,

    people.display_name,
    people.email,
    employments.employee_number,
    org_units.org_unit_name,
    employments.job_title,
    employments.country,
    employments.location,
    coalesce(employments.is_active, false) as is_active,

    employments.started_on,
    employments.ended_on
from people
left join employments on people.person_id = employments.person_id
left join org_units on employments.org_unit_id = org_units.org_unit_id

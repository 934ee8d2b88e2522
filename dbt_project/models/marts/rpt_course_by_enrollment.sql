-- One row per enrollment with what a course's figures are broken down by; unit and country are those of now.
with enrollments as (
    select * from {{ ref('fct_enrollment') }}
    where withdrawn_at is null
),

people as (
    select * from {{ ref('dim_person') }}
),

versions as (
    select * from {{ ref('dim_course_version') }}
)

select
    enrollments.enrollment_id,
    enrollments.person_id,
    enrollments.course_id,
    enrollments.version_id,
    people.org_unit_id,

    versions.version_number,
    people.org_unit_name,
    people.country,
    strftime(enrollments.enrolled_at at time zone 'UTC', '%Y-%m') as cohort,

    enrollments.progress_percent,
    epoch(enrollments.completed_at - enrollments.enrolled_at) / 86400 as days_to_complete,

    enrollments.enrolled_at,
    enrollments.started_at,
    enrollments.completed_at,
    (select max(fct.as_of_xid) from {{ ref('fct_enrollment') }} as fct) as as_of_xid
from enrollments
left join people on enrollments.person_id = people.person_id
left join versions on enrollments.version_id = versions.version_id

-- One row per active person and requirement that applies to them; of two employments the stricter one.
with requirements as (
    select * from {{ ref('stg_core__requirement') }}
),

audiences as (
    select distinct
        requirements.requirement_id,
        ancestors.org_unit_id
    from requirements
    inner join {{ ref('dim_org_unit_ancestor') }} as ancestors
        on requirements.org_unit_id is null or requirements.org_unit_id = ancestors.ancestor_id
),

obligations as (
    select
        employments.person_id,
        requirements.requirement_id,
        requirements.course_id,
        greatest(requirements.valid_from, employments.started_on) as assigned_on,
        cast(assigned_on + to_days(requirements.due_within_days) as date) as due_on
    from {{ ref('dim_employment') }} as employments
    inner join audiences on employments.org_unit_id = audiences.org_unit_id
    inner join requirements
        on
            audiences.requirement_id = requirements.requirement_id
            and (requirements.country is null or requirements.country = employments.country)
    where employments.is_active
    qualify row_number() over (
        partition by employments.person_id, requirements.requirement_id order by due_on, employments.employment_id
    ) = 1
),

people as (
    select * from {{ ref('dim_person') }}
),

courses as (
    select * from {{ ref('dim_course') }}
),

progress as (
    select * from {{ ref('rpt_team_progress') }}
)

select
    people.person_id,
    obligations.requirement_id,
    obligations.course_id,
    progress.enrollment_id,
    people.org_unit_id,
    people.manager_id,

    people.display_name,
    people.org_unit_name,
    people.country,
    courses.title as course_title,

    coalesce(progress.progress_percent, 0) as progress_percent,

    obligations.assigned_on,
    obligations.due_on,
    progress.completed_at,
    progress.valid_until,
    (select coalesce(max(fct.as_of_xid), 0) from {{ ref('fct_enrollment') }} as fct) as as_of_xid
from obligations
inner join people on obligations.person_id = people.person_id
inner join courses on obligations.course_id = courses.course_id
left join progress
    on obligations.person_id = progress.person_id and obligations.course_id = progress.course_id

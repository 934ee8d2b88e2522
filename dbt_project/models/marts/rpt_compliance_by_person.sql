-- One row per active person and requirement that applies to them; of two employments what is open, then the stricter.
with requirements as (
    select * from {{ ref('stg_core__requirement') }}
),

periods as (
    -- What settled the period before still says until when the person was compliant.
    select
        *,
        coalesce(completed_at, lag(completed_at) over chain) as done_at,
        coalesce(enrollment_id, lag(enrollment_id) over chain) as done_in,
        case
            when completed_at is not null then valid_to - 1
            when lag(completed_at) over chain is not null then valid_from - 1
        end as done_until
    from {{ ref('stg_core__obligation') }}
    window chain as (partition by employment_id, requirement_id, assigned_on order by period)
),

obligations as (
    select * from periods
    where valid_to is null or valid_to > {{ today() }}
    qualify row_number() over (
        partition by person_id, requirement_id order by completed_at is not null, due_on, employment_id
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
),

waivers as (
    select * from {{ ref('stg_core__waiver') }}
)

select
    people.person_id,
    obligations.requirement_id,
    obligations.course_id,
    coalesce(obligations.done_in, progress.enrollment_id) as enrollment_id,
    people.org_unit_id,
    people.manager_id,

    people.display_name,
    people.org_unit_name,
    people.country,
    courses.title as course_title,
    coalesce(nullif(requirements.title, ''), courses.title) as requirement_title,
    waivers.person_id is not null as is_waived,

    case
        when progress.completed_at is not null and obligations.done_at is null then 0
        else coalesce(progress.progress_percent, 0)
    end as progress_percent,

    obligations.assigned_on,
    obligations.due_on,
    obligations.next_due_on,
    obligations.counts_from,
    obligations.valid_from as period_from,
    case when obligations.period > 1 then obligations.valid_from end as renewal_from,
    waivers.waived_until,
    obligations.done_at as completed_at,
    obligations.done_until as valid_until,
    (select coalesce(max(fct.as_of_xid), 0) from {{ ref('fct_enrollment') }} as fct) as as_of_xid
from obligations
inner join requirements on obligations.requirement_id = requirements.requirement_id
inner join people on obligations.person_id = people.person_id
inner join courses on obligations.course_id = courses.course_id
left join progress
    on obligations.person_id = progress.person_id and obligations.course_id = progress.course_id
left join waivers
    on obligations.person_id = waivers.person_id and obligations.requirement_id = waivers.requirement_id

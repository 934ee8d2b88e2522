-- One row per active person and course they are enrolled in, without what they gave back; of two enrollments the
-- completed or else the newer one.
with enrollments as (
    select * from {{ ref('fct_enrollment') }}
    where withdrawn_at is null
    qualify row_number() over (
        partition by person_id, course_id
        order by completed_at is not null desc, enrolled_at desc, enrollment_id desc
    ) = 1
),

people as (
    select * from {{ ref('dim_person') }} where is_active
),

courses as (
    select * from {{ ref('dim_course') }}
)

select
    people.person_id,
    enrollments.course_id,
    enrollments.enrollment_id,
    people.manager_id,

    people.display_name,
    people.org_unit_name,
    courses.title as course_title,
    courses.category,

    enrollments.progress_percent,
    enrollments.score_percent,

    enrollments.enrolled_at,
    enrollments.last_activity_at,
    enrollments.completed_at,
    enrollments.valid_until,
    (select max(fct.as_of_xid) from {{ ref('fct_enrollment') }} as fct) as as_of_xid
from enrollments
inner join people on enrollments.person_id = people.person_id
inner join courses on enrollments.course_id = courses.course_id

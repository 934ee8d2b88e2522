-- One row per enrollment, as its events tell it; a build merges what is new into the enrollments it touches.
{{ config(materialized='incremental', incremental_strategy='merge', unique_key='enrollment_id') }}

with events as (
    select * from {{ ref('stg_lake__learning_event') }}
    where enrollment_id is not null and {{ above_watermark() }}
),

-- Only a move changes the version, so the newest move says it: an event that came late may still name an older one.
facts as (
    select
        enrollment_id,
        person_id,
        course_id,
        version_id,
        case when event_type = 'learning.moved_to_version' then xid else 0 end as moved_xid,
        case when event_type = 'learning.enrolled' then occurred_at end as enrolled_at,
        case
            when event_type in ('learning.module_progressed', 'learning.module_completed', 'learning.quiz_submitted')
                then occurred_at
        end as started_at,
        case when event_type = 'learning.quiz_submitted' then occurred_at end as quiz_taken_at,
        case when event_type = 'learning.course_completed' then occurred_at end as completed_at,
        case when event_type = 'learning.withdrawn' then occurred_at end as withdrawn_at,
        case when event_type = 'learning.certificate_revoked' then occurred_at else expires_at end as valid_until,
        case
            when
                event_type not like 'learning.certificate_%'
                and event_type not in ('learning.moved_to_version', 'learning.retake_required')
                then occurred_at
        end as last_activity_at,
        case when event_type = 'learning.course_completed' then 100 else coalesce(course_percent, 0) end
            as progress_percent,
        case when event_type = 'learning.course_completed' then score_percent end as score_percent,
        xid as as_of_xid
    from events
    {% if is_incremental() %}
        union all by name
        select * from {{ this }}
        where enrollment_id in (select events.enrollment_id from events)
    {% endif %}
)

select
    enrollment_id,
    min(person_id) as person_id,
    min(course_id) as course_id,
    max({'moved_xid': moved_xid, 'version_id': version_id}) filter (where version_id is not null).version_id
        as version_id,

    max(progress_percent) as progress_percent,
    arg_min(score_percent, completed_at) as score_percent,

    min(enrolled_at) as enrolled_at,
    min(started_at) as started_at,
    min(quiz_taken_at) as quiz_taken_at,
    max(last_activity_at) as last_activity_at,
    min(completed_at) as completed_at,
    min(withdrawn_at) as withdrawn_at,
    min(valid_until) as valid_until,
    max(moved_xid) as moved_xid,
    max(max(as_of_xid)) over () as as_of_xid
from facts
group by enrollment_id

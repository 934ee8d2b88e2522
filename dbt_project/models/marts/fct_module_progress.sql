-- One row per enrollment and module that was begun; a build merges what is new into the rows it touches.
{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key=['enrollment_id', 'module_id']
) }}

with events as (
    select * from {{ ref('stg_lake__learning_event') }}
    where
        event_type in ('learning.module_progressed', 'learning.module_completed', 'learning.quiz_submitted')
        and module_id is not null
        and {{ above_watermark() }}
),

facts as (
    select
        enrollment_id,
        module_id,
        person_id,
        course_id,
        case when event_type = 'learning.module_completed' then 100 else coalesce(percent, 0) end as percent,
        cast(event_type = 'learning.quiz_submitted' as integer) as attempt_count,
        occurred_at as started_at,
        case when event_type = 'learning.module_completed' then occurred_at end as completed_at,
        xid as as_of_xid
    from events
    {% if is_incremental() %}
        union all by name
        select * from {{ this }}
        where (enrollment_id, module_id) in (select (events.enrollment_id, events.module_id) from events)
    {% endif %}
)

select
    enrollment_id,
    module_id,
    min(person_id) as person_id,
    min(course_id) as course_id,

    max(percent) as percent,
    cast(sum(attempt_count) as bigint) as attempt_count,

    min(started_at) as started_at,
    min(completed_at) as completed_at,
    max(max(as_of_xid)) over () as as_of_xid
from facts
group by enrollment_id, module_id

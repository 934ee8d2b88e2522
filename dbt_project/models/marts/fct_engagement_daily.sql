-- One row per person, module and day (UTC); a build adds what is new to the days it touches.
{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key=['person_id', 'module_id', 'day']
) }}

with events as (
    select
        *,
        cast(occurred_at at time zone 'UTC' as date) as day
    from {{ ref('stg_lake__engagement_event') }}
    where module_id is not null and {{ above_watermark() }}
),

facts as (
    select
        person_id,
        module_id,
        course_id,
        version_id,
        day,
        1 as event_count,
        greatest(coalesce(to_s - from_s, 0), 0) as watched_s,
        coalesce(dwell_s, 0) as dwell_s,
        xid as as_of_xid
    from events
    {% if is_incremental() %}
        union all by name
        select * from {{ this }}
        where (person_id, module_id, day) in (select (events.person_id, events.module_id, events.day) from events)
    {% endif %}
)

select
    person_id,
    module_id,
    min(course_id) as course_id,
    min(version_id) as version_id,
    day,

    cast(sum(event_count) as bigint) as event_count,
    cast(sum(watched_s) as decimal(18, 2)) as watched_s,
    cast(sum(dwell_s) as decimal(18, 2)) as dwell_s,

    max(max(as_of_xid)) over () as as_of_xid
from facts
group by person_id, module_id, day

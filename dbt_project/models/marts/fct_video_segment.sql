-- One row per person, video and stretch of 5 seconds that was played; a build adds what is new.
{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key=['person_id', 'module_id', 'segment_s']
) }}

-- A stretch counts as played when its middle was: so two messages that meet inside it count it once.
-- No message plays more than 6 hours, whatever it says.
with events as (
    select
        person_id,
        module_id,
        course_id,
        version_id,
        xid as as_of_xid,
        cast(ceil((from_s - 2.5) / 5) as bigint) as first_segment,
        cast(ceil((least(to_s, from_s + 21600) - 2.5) / 5) as bigint) as next_segment
    from {{ ref('stg_lake__engagement_event') }}
    where event_type = 'engagement.video_played' and to_s > from_s and {{ above_watermark() }}
),

plays as (
    select
        * exclude (first_segment, next_segment),
        unnest(range(first_segment, next_segment)) * 5 as segment_s,
        1 as play_count
    from events
),

facts as (
    select * from plays
    {% if is_incremental() %}
        union all by name
        select * from {{ this }}
        where (person_id, module_id, segment_s) in (
            select (plays.person_id, plays.module_id, plays.segment_s) from plays
        )
    {% endif %}
)

select
    person_id,
    module_id,
    min(course_id) as course_id,
    min(version_id) as version_id,
    segment_s,

    cast(sum(play_count) as bigint) as play_count,

    max(max(as_of_xid)) over () as as_of_xid
from facts
group by person_id, module_id, segment_s

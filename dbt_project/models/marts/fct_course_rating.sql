-- One row per person and course they rated, as they rated it last; a build merges the newer ratings.
{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key=['person_id', 'course_id']
) }}

with events as (
    select * from {{ ref('stg_lake__learning_event') }}
    where event_type = 'learning.course_rated' and {{ above_watermark() }}
),

facts as (
    select
        person_id,
        course_id,
        version_id,
        stars,
        occurred_at as rated_at,
        xid as rated_xid,
        xid as as_of_xid
    from events
    {% if is_incremental() %}
        union all by name
        select * from {{ this }}
        where (person_id, course_id) in (select (events.person_id, events.course_id) from events)
    {% endif %}
)

select
    person_id,
    course_id,
    arg_max(version_id, rated_xid) as version_id,

    arg_max(stars, rated_xid) as stars,

    arg_max(rated_at, rated_xid) as rated_at,
    max(rated_xid) as rated_xid,
    max(max(as_of_xid)) over () as as_of_xid
from facts
group by person_id, course_id

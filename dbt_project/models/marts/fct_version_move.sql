-- One row per enrollment and move to another version of its course.
{{ config(materialized='incremental', incremental_strategy='append') }}

with events as (
    select * from {{ ref('stg_lake__learning_event') }}
    where event_type = 'learning.moved_to_version' and {{ above_watermark() }}
)

select
    event_id,
    enrollment_id,
    person_id,
    course_id,
    version_id,
    from_version_id,

    redo_stem_ids,

    occurred_at as moved_at,
    max(xid) over () as as_of_xid
from events

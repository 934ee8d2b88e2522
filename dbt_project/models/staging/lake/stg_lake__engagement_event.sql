-- One row per engagement event, its payload parsed once; grows by the events above the last build's.
{{ config(materialized='incremental', incremental_strategy='append') }}

with events as (
    select
        *,
        json_transform(
            payload,
            '{
                "enrollment_id": "VARCHAR", "course_id": "VARCHAR", "version_id": "VARCHAR", "module_id": "VARCHAR",
                "from_s": "DECIMAL(10, 2)", "to_s": "DECIMAL(10, 2)", "rate": "DECIMAL(4, 2)",
                "page": "INTEGER", "dwell_s": "DECIMAL(10, 2)"
            }'
        ) as body
    from {{ source('lake', 'event') }}
    where
        type like 'engagement.%'
        and {{ above_watermark('xid') }}
        and xid <= (select bound.through_xid from {{ ref('stg_lake__watermark') }} as bound)
)

select
    id as event_id,
    type as event_type,
    subject_id as person_id,
    body.enrollment_id,
    body.course_id,
    body.version_id,
    body.module_id,

    body.from_s,
    body.to_s,
    body.rate,
    body.page,
    body.dwell_s,

    occurred_at,
    recorded_at,
    xid
from events

-- One row per learning event of an enrollment, its payload parsed once; grows by the events above the last build's.
-- Requests for a seat and learning paths are facts too, but of no enrollment: no mart counts them.
{{ config(materialized='incremental', incremental_strategy='append') }}

with events as (
    select
        *,
        json_transform(
            payload,
            '{
                "enrollment_id": "VARCHAR", "course_id": "VARCHAR", "version_id": "VARCHAR", "module_id": "VARCHAR",
                "percent": "INTEGER", "course_percent": "INTEGER", "attempt_id": "VARCHAR", "number": "INTEGER",
                "score_percent": "INTEGER", "is_passed": "BOOLEAN",
                "from_version_id": "VARCHAR", "redo_stem_ids": ["VARCHAR"], "stars": "INTEGER", "expires_at": "VARCHAR",
                "answers": [{
                    "question_id": "VARCHAR", "item_id": "VARCHAR", "item_version": "INTEGER",
                    "choice_ids": ["VARCHAR"], "is_correct": "BOOLEAN", "points_share": "DOUBLE",
                    "first_choice_ids": ["VARCHAR"], "is_first_correct": "BOOLEAN", "duration_s": "DOUBLE"
                }]
            }'
        ) as body
    from {{ source('lake', 'event') }}
    where
        type like 'learning.%'
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
    body.from_version_id,
    body.module_id,
    body.attempt_id,
    body.number as attempt_number,

    body.percent,
    body.course_percent,
    body.score_percent,
    body.is_passed,
    body.redo_stem_ids,
    body.stars,
    body.answers,

    cast(body.expires_at as timestamptz) as expires_at,
    occurred_at,
    recorded_at,
    xid
from events
where body.enrollment_id is not null

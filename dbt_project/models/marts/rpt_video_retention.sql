-- One row per video and stretch of 5 seconds: who saw it at all, and how often it was played.
with segments as (
    select * from {{ ref('fct_video_segment') }}
),

modules as (
    select * from {{ ref('dim_module') }} where kind = 'video'
),

viewers as (
    select
        module_id,
        count(distinct person_id) as module_viewer_count
    from segments
    group by module_id
)

select
    modules.course_id,
    modules.version_id,
    modules.module_id,
    segments.segment_s,

    count(*) as viewer_count,
    count(*) / any_value(viewers.module_viewer_count) as viewer_share,
    cast(sum(segments.play_count) as bigint) as play_count
from segments
inner join modules on segments.module_id = modules.module_id
inner join viewers on segments.module_id = viewers.module_id
where segments.segment_s < modules.duration_s
group by modules.course_id, modules.version_id, modules.module_id, segments.segment_s

-- One row per course, as its current version describes it; a course never published yet by its newest draft.
with courses as (
    select * from {{ ref('stg_core__course') }}
),

versions as (
    select versions.*
    from {{ ref('stg_core__course_version') }} as versions
    inner join courses on versions.course_id = courses.course_id
    qualify row_number() over (
        partition by versions.course_id
        order by versions.version_id = courses.current_version_id desc nulls last, versions.version_number desc
    ) = 1
),

modules as (
    select
        version_id,
        count(*) as module_count
    from {{ ref('stg_core__module') }}
    group by version_id
),

requirements as (
    select distinct course_id from {{ ref('stg_core__requirement') }}
)

select
    courses.course_id,
    courses.current_version_id,
    courses.owner_id,

    courses.slug,
    versions.title,
    versions.category,
    versions.difficulty,
    versions.language,
    requirements.course_id is not null as is_mandatory,

    versions.duration_min,
    coalesce(modules.module_count, 0) as module_count
from courses
inner join versions on courses.course_id = versions.course_id
left join modules on versions.version_id = modules.version_id
left join requirements on courses.course_id = requirements.course_id

-- One row per quiz item in a course version, drafts included.
with questions as (
    select * from {{ ref('stg_core__question') }}
),

modules as (
    select * from {{ ref('dim_module') }}
)

select
    questions.question_id,
    questions.module_id,
    modules.version_id,
    modules.course_id,
    questions.item_id,

    questions.item_version,
    questions.position,
    questions.kind,
    questions.prompt
from questions
inner join modules on questions.module_id = modules.module_id

-- One row per quiz question that was answered or is in a course's current version; first attempts only.
with answers as (
    select
        *,
        cast(is_correct as integer) as point,
        sum(cast(is_correct as integer)) over (partition by enrollment_id, module_id) as total
    from {{ ref('fct_quiz_answer') }}
),

-- Discrimination: does who does well in the rest of the quiz get this item right? (corrected item-total correlation)
items as (
    select
        question_id,
        count(*) as answer_count,
        avg(point) as correct_share,
        corr(point, total - point) as discrimination
    from answers
    group by question_id
),

picks as (
    select
        choice_id,
        count(*) as pick_count
    from (select unnest(choice_ids) as choice_id from answers) as chosen
    group by choice_id
),

choices as (
    select
        choices.question_id,
        to_json(list({
            'choice_id': choices.choice_id,
            'label': choices.label,
            'is_correct': choices.is_correct,
            'share': round(coalesce(picks.pick_count, 0) / greatest(items.answer_count, 1), 4)
        } order by choices.position)) as choices
    from {{ ref('stg_core__choice') }} as choices
    left join picks on choices.choice_id = picks.choice_id
    left join items on choices.question_id = items.question_id
    group by choices.question_id
)

select
    modules.course_id,
    modules.version_id,
    questions.module_id,
    questions.question_id,

    questions.position,
    questions.prompt,
    cast(choices.choices as varchar) as choices,

    coalesce(items.answer_count, 0) as answer_count,
    items.correct_share,
    case when isfinite(items.discrimination) then round(items.discrimination, 4) end as discrimination
from {{ ref('stg_core__question') }} as questions
inner join {{ ref('dim_module') }} as modules on questions.module_id = modules.module_id
inner join {{ ref('dim_course') }} as courses on modules.course_id = courses.course_id
left join choices on questions.question_id = choices.question_id
left join items on questions.question_id = items.question_id
where items.answer_count > 0 or modules.version_id = courses.current_version_id

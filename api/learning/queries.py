"""The statements of the hot paths: a state change and its event in one round trip."""

from sqlalchemy import text

# The lock comes first and alone: what follows must see what another tab committed meanwhile.
LOCK_ENROLLMENT = text(
    """
    select e.id, e.version_id, e.completed_at, e.score_percent, m.id as module_id, m.kind, m.weight,
        (select count(*) from module where version_id = e.version_id) as module_count, v.completion ->> 'rule' as rule,
        v.completion ->> 'minimum_percent' as minimum_percent,
        v.completion ->> 'minimum_watch_percent' as minimum_watch_percent
    from enrollment e join course_version v on v.id = e.version_id
    left join module m on m.version_id = e.version_id and m.id = :module_id
    where e.person_id = :person_id and e.course_id = :course_id and e.withdrawn_at is null
    for update of e
    """
)

SHARE_ENROLLMENT = text(
    """
    select id from enrollment where person_id = :person_id and course_id = :course_id and withdrawn_at is null
    for share
    """
)

_ADVANCE = """
    with before as (
        select percent, completed_at from module_progress
        where enrollment_id = :enrollment_id and module_id = :module_id
    ),
    now_at as (
        insert into module_progress as mp (enrollment_id, module_id, percent, position_s, updated_at, completed_at)
        values (:enrollment_id, :module_id, :percent, :position_s, :occurred_at,
            case when cast(:percent as int) = 100 then cast(:now as timestamptz) end)
        on conflict (enrollment_id, module_id) do update set
            percent = greatest(mp.percent, excluded.percent),
            position_s = case when excluded.updated_at >= mp.updated_at
                then coalesce(excluded.position_s, mp.position_s) else mp.position_s end,
            updated_at = greatest(mp.updated_at, excluded.updated_at),
            completed_at = coalesce(mp.completed_at, excluded.completed_at)
        returning percent, position_s, completed_at
    ),
    others as (
        OTHERS
    ),
    course as (
        update enrollment e set
            progress_percent = case when e.completed_at is null
                then (o.percent + n.percent * WEIGHT) / WHOLE else 100 end,
            last_activity_at = greatest(e.last_activity_at, :occurred_at)
        from now_at n, others o where e.id = :enrollment_id
        returning e.progress_percent
    ),
    fact as (
        insert into event (id, type, actor_id, subject_id, payload, occurred_at)
        select :event_id,
            case when n.completed_at is not null and b.completed_at is null
                then 'learning.module_completed' else 'learning.module_progressed' end,
            :actor_id, :person_id,
            jsonb_build_object('enrollment_id', cast(:enrollment_id as uuid), 'course_id', cast(:course_id as uuid),
                'version_id', cast(:version_id as uuid), 'module_id', cast(:module_id as uuid),
                'percent', n.percent, 'course_percent', c.progress_percent),
            :occurred_at
        from now_at n cross join course c left join before b on true
        where b.percent is null or n.percent > b.percent
    )
    select n.percent, n.position_s, n.completed_at, c.progress_percent,
        o.done + (n.completed_at is not null)::int = :module_count as is_whole
    from now_at n cross join course c cross join others o
    """

_SIMPLE = """select coalesce(sum(percent), 0) as percent, count(completed_at) as done from module_progress
        where enrollment_id = :enrollment_id and module_id <> :module_id"""
_WEIGHED = """select coalesce(sum(p.percent * m.weight), 0) as percent, count(p.completed_at) as done
        from module_progress p join module m on m.id = p.module_id
        where p.enrollment_id = :enrollment_id and p.module_id <> :module_id"""
_WHOLE_WEIGHT = "(select greatest(1, sum(weight)) from module where version_id = :version_id)"

ADVANCE = text(_ADVANCE.replace("OTHERS", _SIMPLE).replace("WEIGHT", "1").replace("WHOLE", ":module_count"))
ADVANCE_WEIGHTED = text(
    _ADVANCE.replace("OTHERS", _WEIGHED).replace("WEIGHT", ":weight").replace("WHOLE", _WHOLE_WEIGHT)
)
"""Progress by the modules' weights, for courses that finish by them."""

# Of the version that the learner is in: attempts at a quiz that changed meanwhile stay with the old one.
BEST_SCORES = text(
    """
    select max(a.score_percent) as best from quiz_attempt a
    join enrollment e on e.id = a.enrollment_id join module m on m.id = a.module_id and m.version_id = e.version_id
    where a.enrollment_id = :enrollment_id group by a.module_id
    """
)

MY_ENROLLMENTS = text(
    """
    select e.id, e.course_id, e.version_id, v.title, e.enrolled_at, e.progress_percent, e.score_percent, e.completed_at,
        e.retake_version_id is not null as must_retake, coalesce(p.modules, '[]'::jsonb) as modules
    from enrollment e
    join course_version v on v.id = e.version_id
    left join lateral (
        select jsonb_agg(jsonb_build_object('module_id', mp.module_id, 'percent', mp.percent,
            'position_s', mp.position_s, 'completed_at', mp.completed_at) order by m.position) as modules
        from module_progress mp join module m on m.id = mp.module_id where mp.enrollment_id = e.id
    ) p on true
    where e.person_id = :person_id and e.withdrawn_at is null
    and (cast(:course_id as uuid) is null or e.course_id = :course_id)
    order by e.enrolled_at desc, e.id limit 500
    """
)

WAS_PUBLISHED = text(
    "select exists (select from course_version where course_id = :course_id and published_at is not null)"
)

MISSING_PREREQUISITES = text(
    """
    select c.id as course_id, coalesce(v.title, c.slug) as title
    from course_version asked, unnest(asked.prerequisite_ids) with ordinality needed (course_id, place)
    join course c on c.id = needed.course_id left join course_version v on v.id = c.current_version_id
    where asked.id = :version_id and not exists (
        select from enrollment e
        where e.person_id = :person_id and e.course_id = c.id and e.completed_at is not null
    )
    order by needed.place
    """
)

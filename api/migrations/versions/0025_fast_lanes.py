"""The plain cases of enrolling and of progress as one statement each: the only writes that everybody makes all day."""

from alembic import op

revision = "0025"
down_revision = "0024"

# A row, or none where the case isn't plain and nothing was changed: api.learning.enrolling knows them all.
ENROLL = """
create function enroll_plainly(
    in whose uuid, in which uuid, in new_id uuid, in event_id uuid, out id uuid, out version_id uuid,
    out enrolled_at timestamptz, out progress_percent int, out score_percent int, out completed_at timestamptz,
    out is_new boolean
) language plpgsql as $$
declare
    known record;
begin
    select e.* into known from enrollment e
    where e.person_id = whose and e.course_id = which and e.withdrawn_at is null;
    if found then
        if known.completed_at is null and known.retake_version_id is null then
            id := known.id;
            version_id := known.version_id;
            enrolled_at := known.enrolled_at;
            progress_percent := known.progress_percent;
            score_percent := known.score_percent;
            is_new := false;
        end if;
        return;
    end if;
    select c.current_version_id into version_id
    from course c join course_version v on v.id = c.current_version_id
    where c.id = which and c.archived_at is null and c.capacity is null and not c.needs_approval
        and v.prerequisite_ids = '{}'
        and not exists (
            select from enrollment_request r
            where r.person_id = whose and r.course_id = which and r.status in ('waiting', 'pending_approval')
        )
    for key share of c;
    if not found then
        return;
    end if;
    insert into enrollment (id, person_id, course_id, version_id, enrolled_at)
    values (new_id, whose, which, enroll_plainly.version_id, clock_timestamp()) on conflict do nothing
    returning enrollment.id, enrollment.enrolled_at into id, enrolled_at;
    if not found then
        return;
    end if;
    insert into event (id, type, actor_id, subject_id, payload, occurred_at)
    values (event_id, 'learning.enrolled', whose, whose, jsonb_build_object(
        'enrollment_id', new_id, 'course_id', which, 'version_id', enroll_plainly.version_id
    ), enroll_plainly.enrolled_at);
    progress_percent := 0;
    is_new := true;
end $$
"""

# Steps that the learner alone answers for, in a course that all steps together finish, as long as this one doesn't.
PROGRESS = """
create function progress_plainly(
    in whose uuid, in which uuid, in step uuid, in sent int, in place float8, in told_at timestamptz, in event_id uuid,
    out enrollment_id uuid, out percent int, out position_s float8, out step_completed_at timestamptz,
    out progress_percent int, out score_percent int
) language plpgsql as $$
declare
    here record;
    others record;
    known int;
    moment timestamptz;
begin
    select e.id, e.version_id, e.score_percent, e.completed_at into here from enrollment e
    where e.person_id = whose and e.course_id = which and e.withdrawn_at is null for update;
    if not found or here.completed_at is not null then
        return;
    end if;
    moment := clock_timestamp();
    told_at := least(coalesce(told_at, moment), moment);
    perform from module m join course_version v on v.id = m.version_id
    where m.id = step and m.version_id = here.version_id and m.kind in ('text', 'link')
        and v.completion ->> 'rule' = 'all';
    if not found then
        return;
    end if;
    select count(*) as steps, count(p.completed_at) as done, coalesce(sum(p.percent), 0) as percent into others
    from module m left join module_progress p on p.enrollment_id = here.id and p.module_id = m.id
    where m.version_id = here.version_id and m.id <> step;
    if sent = 100 and others.done = others.steps then
        return;
    end if;
    select p.percent into known from module_progress p where p.enrollment_id = here.id and p.module_id = step;
    insert into module_progress as mp (enrollment_id, module_id, percent, position_s, updated_at, completed_at)
    values (here.id, step, sent, place, told_at, case when sent = 100 then moment end)
    on conflict on constraint pk_module_progress do update set
        percent = greatest(mp.percent, excluded.percent),
        position_s = case when excluded.updated_at >= mp.updated_at
            then coalesce(excluded.position_s, mp.position_s) else mp.position_s end,
        updated_at = greatest(mp.updated_at, excluded.updated_at),
        completed_at = coalesce(mp.completed_at, excluded.completed_at)
    returning mp.percent, mp.position_s, mp.completed_at into percent, position_s, step_completed_at;
    update enrollment e set
        progress_percent = (others.percent + progress_plainly.percent) / (others.steps + 1),
        last_activity_at = greatest(e.last_activity_at, told_at)
    where e.id = here.id returning e.progress_percent into progress_percent;
    if known is null or percent > known then
        insert into event (id, type, actor_id, subject_id, payload, occurred_at)
        values (
            event_id,
            case when percent = 100 then 'learning.module_completed' else 'learning.module_progressed' end,
            whose, whose, jsonb_build_object('enrollment_id', here.id, 'course_id', which, 'version_id',
                here.version_id, 'module_id', step, 'percent', percent, 'course_percent', progress_percent),
            told_at
        );
    end if;
    enrollment_id := here.id;
    score_percent := here.score_percent;
end $$
"""


def upgrade() -> None:
    op.execute(ENROLL)
    op.execute(PROGRESS)

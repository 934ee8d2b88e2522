"""Paths and their courses as one person has them."""

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

# Open to everybody: what is published; and what somebody is on or has finished, whatever became of it.
PATHS = text(
    """
    select p.id, p.title, p.summary, p.description, p.language, p.is_ordered, p.archived_at is not null as is_archived,
        e.id as enrollment_id, e.enrolled_at, e.completed_at, c.code as certificate_code
    from path p
    left join path_enrollment e on e.path_id = p.id and e.person_id = :person_id and e.withdrawn_at is null
    left join lateral (
        select code from certificate where path_id = p.id and person_id = :person_id and revoked_at is null
        order by issued_at desc limit 1
    ) c on true
    where (cast(:path_id as uuid) is null or p.id = :path_id)
    and ((p.published_at is not null and p.archived_at is null) or e.id is not null)
    order by (e.id is not null and e.completed_at is null) desc, p.title, p.id limit 500
    """
)

STEPS = text(
    """
    select i.path_id, i.course_id, i.is_required, v.title, v.summary, v.duration_min,
        c.current_version_id is not null and c.archived_at is null as is_offered,
        exists (
            select from enrollment d
            where d.person_id = :person_id and d.course_id = c.id and d.completed_at is not null
        ) as is_done,
        exists (
            select from enrollment w where w.person_id = :person_id and w.course_id = c.id
            and w.withdrawn_at is not null and w.completed_at is null
        ) or exists (
            select from enrollment_request n where n.person_id = :person_id and n.course_id = c.id
            and n.status in ('declined', 'withdrawn')
        ) as was_left,
        coalesce(e.progress_percent, 0) as percent,
        case when e.id is not null and e.completed_at is null then 'going' else r.status end as status
    from path_item i join course c on c.id = i.course_id
    join lateral (
        select title, summary, duration_min from course_version where course_id = c.id and published_at is not null
        order by id = c.current_version_id desc nulls last, number desc limit 1
    ) v on true
    left join enrollment e on e.course_id = c.id and e.person_id = :person_id and e.withdrawn_at is null
    left join enrollment_request r on r.course_id = c.id and r.person_id = :person_id
        and r.status in ('waiting', 'pending_approval')
    where i.path_id = any(:paths) order by i.path_id, i.position, i.course_id
    """
).bindparams(bindparam("paths", type_=ARRAY(Uuid)))

ON_THEIR_WAY = text(
    """
    select e.id from path_enrollment e
    where e.completed_at is null and e.withdrawn_at is null
    and (cast(:person_id as uuid) is null or e.person_id = :person_id)
    and (cast(:path_id as uuid) is null or e.path_id = :path_id)
    and (cast(:course_id as uuid) is null or exists (
        select from path_item i where i.path_id = e.path_id and i.course_id = :course_id
    ))
    order by e.id
    """
)

AUTHORED = text(
    """
    select p.id, p.title, p.summary, p.language, p.is_ordered, p.updated_at,
        case when p.archived_at is not null then 'archived' when p.published_at is not null then 'published'
            else 'draft' end as state,
        (select count(*) from path_item i where i.path_id = p.id) as course_count,
        (select count(*) from path_enrollment e where e.path_id = p.id and e.withdrawn_at is null) as learner_count,
        (select count(completed_at) from path_enrollment e where e.path_id = p.id) as completed_count
    from path p where p.owner_id = :person_id order by p.updated_at desc, p.id limit 500
    """
)

ITEMS = text(
    """
    select i.course_id, i.is_required, coalesce(v.title, c.slug) as title,
        c.current_version_id is not null and c.archived_at is null as is_offered
    from path_item i join course c on c.id = i.course_id
    left join lateral (
        select title from course_version where course_id = c.id
        order by id = c.current_version_id desc nulls last, number desc limit 1
    ) v on true
    where i.path_id = :path_id order by i.position, i.course_id
    """
)

"""What follows from which fact: one SELECT a kind over `fresh`, the events that were not looked at yet."""

FRESH = """
    select e.id, e.type, e.subject_id, e.payload, e.occurred_at, e.xid,
        jsonb_build_object('course_id', e.payload -> 'course_id', 'title', (
            select v.title from course_version v join course c on c.id = v.course_id
            where v.course_id = (e.payload ->> 'course_id')::uuid and v.published_at is not null
            order by v.id is not distinct from c.current_version_id desc, v.number desc limit 1
        )) as about
    from event e, notification_watermark w
    where e.xid >= cast(:low as xid8) and e.xid < cast(:high as xid8) and e.type = any(:types)
    and w.name = 'event' and e.occurred_at >= greatest(w.since, e.recorded_at - interval '7 days')
    and e.recorded_at > now() - interval '30 days'
"""
"""What is told long after it happened is history that somebody imported, not news."""

# `enrolled` is not said beside the better news of the same moment.
ENROLLED = """
    select 'enrolled', f.subject_id, f.payload ->> 'enrollment_id', f.occurred_at,
        f.about || jsonb_build_object('version_id', f.payload -> 'version_id')
    from fresh f where f.type = 'learning.enrolled' and not exists (
        select from fresh g where g.type in ('learning.enrollment_approved', 'learning.enrollment_promoted')
        and g.subject_id = f.subject_id and g.xid = f.xid and g.payload ->> 'course_id' = f.payload ->> 'course_id'
    )
"""
COMPLETED = """
    select 'course_completed', f.subject_id, f.payload ->> 'enrollment_id', f.occurred_at,
        f.about || jsonb_build_object('code', (
            select c.code from certificate c where c.enrollment_id = (f.payload ->> 'enrollment_id')::uuid
        ))
    from fresh f where f.type = 'learning.course_completed'
"""
CHANGED = """
    select 'course_changed', f.subject_id, f.id::text, f.occurred_at,
        f.about || jsonb_build_object('retake', f.type = 'learning.retake_required')
    from fresh f where f.type = 'learning.retake_required'
    or (f.type = 'learning.moved_to_version' and f.payload -> 'redo_stem_ids' <> '[]')
"""
# Whoever was moved to a version in which one of its sessions is at another time or place.
LIVE_CHANGED = """
    select 'live_changed', f.subject_id, n.id::text, f.occurred_at,
        f.about || jsonb_build_object('module_id', n.id, 'version_id', n.version_id, 'session', n.title,
            'live', n.settings)
    from fresh f
    join module n on n.version_id = (f.payload ->> 'version_id')::uuid and n.kind = 'live'
    join module o on o.version_id = (f.payload ->> 'from_version_id')::uuid and o.stem_id = n.stem_id
    where f.type = 'learning.moved_to_version' and (n.settings ->> 'starts_at')::timestamptz > now()
    and (n.settings -> 'starts_at', n.settings -> 'ends_at', n.settings -> 'place')
        is distinct from (o.settings -> 'starts_at', o.settings -> 'ends_at', o.settings -> 'place')
"""
WISHES = """
    select case f.type when 'learning.enrollment_waitlisted' then 'waitlisted'
            when 'learning.enrollment_promoted' then 'promoted' else 'approval_decided' end,
        f.subject_id, f.id::text, f.occurred_at,
        f.about || jsonb_build_object('request_id', f.payload -> 'request_id',
            'approved', f.type = 'learning.enrollment_approved', 'version_id', (
                select e.version_id from enrollment e where e.person_id = f.subject_id and e.withdrawn_at is null
                and e.course_id = (f.payload ->> 'course_id')::uuid
            ))
    from fresh f where f.type in ('learning.enrollment_waitlisted', 'learning.enrollment_promoted',
        'learning.enrollment_approved', 'learning.enrollment_declined')
"""
# To the managers of today, and to who acts for them.
ASKED = """
    select 'approval_asked', who.person_id, f.id::text, f.occurred_at,
        f.about || jsonb_build_object('name', p.display_name, 'request_id', f.payload -> 'request_id')
    from fresh f join person p on p.id = f.subject_id
    join works_here((now() at time zone 'UTC')::date) w on w.person_id = f.subject_id
    cross join lateral (
        select w.manager_id as person_id where w.manager_id is not null
        union
        select d.delegate_id from delegation d where d.delegator_id = w.manager_id and d.ended_at is null
        and d.valid_from <= now() and d.valid_until > now()
    ) who
    where f.type = 'learning.enrollment_requested'
"""
REVOKED = """
    select 'certificate_revoked', f.subject_id, c.id::text, f.occurred_at,
        f.about || jsonb_build_object('title', c.course_title, 'code', c.code)
    from fresh f join certificate c on c.id = (f.payload ->> 'certificate_id')::uuid
    where f.type = 'learning.certificate_revoked'
"""
# A path's certificate is the moment at which the path is finished, and knows the path's title.
PATHS = """
    select 'path_completed', f.subject_id, c.id::text, f.occurred_at,
        jsonb_build_object('path_id', c.path_id, 'title', c.course_title, 'code', c.code)
    from fresh f join certificate c on c.id = (f.payload ->> 'certificate_id')::uuid
    where f.type = 'learning.certificate_issued' and c.kind = 'path'
"""

SOURCES = (ENROLLED, COMPLETED, CHANGED, LIVE_CHANGED, WISHES, ASKED, REVOKED, PATHS)
TYPES = [
    "learning.enrolled",
    "learning.course_completed",
    "learning.retake_required",
    "learning.moved_to_version",
    "learning.enrollment_waitlisted",
    "learning.enrollment_promoted",
    "learning.enrollment_approved",
    "learning.enrollment_declined",
    "learning.enrollment_requested",
    "learning.certificate_revoked",
    "learning.certificate_issued",
]

"""Moving learners to another version of their course: what they did there counts here, module by module.

A module is the same one by its stem. Set-based, because a course may have thousands in it.
"""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.learning.completion import complete, steps_of
from api.learning.completion_rules import Rule, is_finished
from api.learning.models import Enrollment

IDS = bindparam("ids", type_=ARRAY(Uuid))
REDO = bindparam("redo", type_=ARRAY(Uuid))
SAME = """
    select o.id as old_id, n.id as new_id from module o join module n on n.stem_id = o.stem_id and n.version_id = :new
    where o.version_id = :old and o.stem_id <> all(:redo)
"""

LOCK = text(
    """
    select id from enrollment
    where version_id = :old and withdrawn_at is null and completed_at is null order by id for update
    """
)
FORGET = text(
    f"delete from module_progress where enrollment_id = any(:ids) and module_id not in (select old_id from ({SAME}) s)"  # noqa: S608 (our own words)
).bindparams(IDS, REDO)
CARRY = [
    text(
        f"update {table} t set module_id = s.new_id from ({SAME}) s where t.module_id = s.old_id"  # noqa: S608
        f" and t.enrollment_id = any(:ids) {only}"
    ).bindparams(IDS, REDO)
    for table, only in (
        ("module_progress", ""),
        # A sitting that is under way asks the old questions: it is begun again.
        ("quiz_sitting", "and exists (select from quiz_attempt a where a.id = t.id)"),
        ("quiz_attempt", ""),
    )
]
PIN = text(
    """
    update enrollment e set version_id = :new, progress_percent = least(100, coalesce((
        select sum(p.percent * w.weight) / w.whole from module_progress p join weights w on w.id = p.module_id
        where p.enrollment_id = e.id group by w.whole
    ), 0))
    where e.id = any(:ids)
    """
)
WEIGHTS = """
    with weights as (
        select id, case when :is_weighted then weight else 1 end as weight,
            greatest(1, sum(case when :is_weighted then weight else 1 end) over ()) as whole
        from module where version_id = :new
    )
"""
PIN = text(WEIGHTS + PIN.text).bindparams(IDS)
FACT = """
    select 'learning.moved_to_version' as type, e.person_id as subject_id, cast(:now as timestamptz) as occurred_at,
        jsonb_build_object('enrollment_id', e.id, 'course_id', e.course_id, 'version_id', e.version_id,
            'from_version_id', cast(:old as uuid), 'redo_stem_ids', cast(:redo as uuid[]),
            'course_percent', e.progress_percent) as payload
    from enrollment e where e.id = any(cast(:ids as uuid[]))
"""


async def move(
    session: AsyncSession, *, old: uuid.UUID, new: uuid.UUID, redo: Collection[uuid.UUID], rule: Rule, now: datetime
) -> int:
    """All who are in the middle of `old` go on in `new`; modules whose stem is in `redo` begin anew. How many."""
    ids: list[uuid.UUID] = list((await session.execute(LOCK, {"old": old})).scalars())
    if not ids:
        return 0
    values: dict[str, Any] = {"old": old, "new": new, "redo": list(redo), "ids": ids}
    for statement in (FORGET, *CARRY):
        await session.execute(statement, values)
    await session.execute(PIN, {"new": new, "ids": ids, "is_weighted": rule.rule == "weighted"})
    await events.record_selected(session, FACT, {"old": old, "ids": ids, "redo": list(redo), "now": now})
    await _finish(session, ids, rule, now)
    return len(ids)


async def _finish(session: AsyncSession, ids: list[uuid.UUID], rule: Rule, now: datetime) -> None:
    """Who has done all that the new version asks for, because it asks for less, has finished now."""
    least = {"all": 100, "weighted": rule.minimum_percent or 100}.get(rule.rule, 1)
    near = select(Enrollment.id, Enrollment.person_id, Enrollment.course_id).where(
        Enrollment.id.in_(ids), Enrollment.progress_percent >= least
    )
    people = {row.id: row for row in await session.execute(near)}
    steps = await steps_of(await session.connection(), list(people))
    for enrollment_id, row in people.items():
        if is_finished(rule, steps[enrollment_id]):
            await complete(
                session, enrollment_id=enrollment_id, person_id=row.person_id, course_id=row.course_id, now=now
            )


RETAKE = text(
    """
    update enrollment set retake_version_id = :new
    where version_id = any(:versions) and withdrawn_at is null and completed_at is not null
    returning id
    """
).bindparams(bindparam("versions", type_=ARRAY(Uuid)))
RETAKE_FACT = """
    select 'learning.retake_required' as type, e.person_id as subject_id, cast(:now as timestamptz) as occurred_at,
        jsonb_build_object('enrollment_id', e.id, 'course_id', e.course_id, 'version_id', e.version_id,
            'retake_version_id', e.retake_version_id) as payload
    from enrollment e where e.id = any(cast(:ids as uuid[]))
"""


async def demand_retake(
    session: AsyncSession, *, versions: Collection[uuid.UUID], new: uuid.UUID, now: datetime
) -> int:
    """Who finished one of these versions has to take the new one; their certificate stays what it is. How many."""
    asked = {"versions": list(versions), "new": new}
    ids: list[uuid.UUID] = list((await session.execute(RETAKE, asked)).scalars())
    if ids:
        await events.record_selected(session, RETAKE_FACT, {"ids": ids, "now": now})
    return len(ids)

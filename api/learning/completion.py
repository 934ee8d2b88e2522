"""When a course is finished: asked of the rule after each step, and done once, with certificate and facts."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core import events
from api.core.jobs import LIGHT, enqueue
from api.credentials.models import Certificate
from api.credentials.service import issue
from api.learning import queries
from api.learning.completion_rules import Rule, Step, is_finished
from api.learning.rules import course_score

STEPS = text(
    """
    select e.id as enrollment_id, m.kind, m.weight, coalesce(mp.percent, 0) as percent,
        mp.completed_at is not null as is_done, a.best as best_score
    from enrollment e
    join module m on m.version_id = e.version_id
    left join module_progress mp on mp.enrollment_id = e.id and mp.module_id = m.id
    left join lateral (
        select max(score_percent) as best from quiz_attempt where enrollment_id = e.id and module_id = m.id
    ) a on m.kind = 'quiz'
    where e.id = any(:enrollments)
    """
).bindparams(bindparam("enrollments", type_=ARRAY(Uuid)))


async def steps_of(connection: AsyncConnection, enrollments: list[uuid.UUID]) -> dict[uuid.UUID, list[Step]]:
    """By enrollment, the modules of the version that it is pinned to."""
    found: dict[uuid.UUID, list[Step]] = {one: [] for one in enrollments}
    for row in await connection.execute(STEPS, {"enrollments": enrollments}):
        found[row.enrollment_id].append(Step(row.kind, row.weight, row.percent, row.is_done, row.best_score))
    return found


async def is_course_finished(
    connection: AsyncConnection, rule: Rule, enrollment_id: uuid.UUID, *, is_whole: bool
) -> bool:
    """`is_whole`: every module is done, as the hot statement told already; other rules ask once more."""
    if rule.rule == "all":
        return is_whole
    return is_finished(rule, (await steps_of(connection, [enrollment_id]))[enrollment_id])


COMPLETE = text(
    """
    update enrollment e set completed_at = :now, score_percent = :score, progress_percent = 100
    from person p, course_version v, course c
    where e.id = :id and p.id = e.person_id and v.id = e.version_id and c.id = e.course_id
    returning p.display_name, v.title, v.summary, e.version_id, c.certificate_valid_months, c.capacity
    """
)


async def complete(
    session: AsyncSession, *, enrollment_id: uuid.UUID, person_id: uuid.UUID, course_id: uuid.UUID, now: datetime
) -> Certificate:
    """Once, because the enrollment is locked by the caller: the state, its two facts and the certificate."""
    best: Sequence[int] = (await session.execute(queries.BEST_SCORES, {"enrollment_id": enrollment_id})).scalars().all()
    score = course_score(list(best))
    told = (await session.execute(COMPLETE, {"id": enrollment_id, "now": now, "score": score})).one()
    ids = {"enrollment_id": str(enrollment_id), "course_id": str(course_id), "version_id": str(told.version_id)}
    await events.record(
        session,
        "learning.course_completed",
        subject_id=person_id,
        actor_id=person_id,
        payload={**ids, "score_percent": score},
        occurred_at=now,
    )
    await _follow(session, person_id, course_id, has_seats=told.capacity is not None)
    return await issue(
        session,
        person_id=person_id,
        person_name=told.display_name,
        title=told.title,
        summary=told.summary,
        score_percent=score,
        enrollment_id=enrollment_id,
        course_id=course_id,
        valid_months=told.certificate_valid_months,
        about=ids,
        now=now,
    )


async def _follow(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID, *, has_seats: bool) -> None:
    """By jobs: a path is in a higher layer, and the course's row, that a seat needs, is locked before enrollments."""
    ids = {"person_id": str(person_id), "course_id": str(course_id)}
    await enqueue(session, "follow_completion", queue=LIGHT, args=ids, lock=f"paths of {person_id}")
    if has_seats:
        await enqueue(session, "fill_seats", queue=LIGHT, args={"course_id": str(course_id)})

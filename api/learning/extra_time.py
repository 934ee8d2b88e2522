"""Extra time in quizzes for a person who needs it: set by an officer, told to nobody else."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from api.core.errors import Forbidden
from api.courses.models import Module
from api.identity import audit
from api.identity.rules import Principal
from api.learning.attempts import is_over
from api.learning.models import Enrollment, QuizAttempt, QuizSitting
from api.learning.quiz_models import ExtraTime
from api.learning.sittings import end_later, longer
from api.people.service import check_within, lock_person, within

RESPONSIBLE = "officer"
"""Not managers: who needs it is not theirs to know. Not HR data either: they see no learning."""


async def set_extra_time(
    session: AsyncSession,
    who: Principal,
    *,
    person_id: uuid.UUID,
    percent: int,
    reason: str = "",
    now: datetime | None = None,
) -> None:
    """For every attempt begun from now on, and for one that is open, at once; 0 takes it back, but not from an open
    one. The same again changes nothing.
    """
    moment = now or datetime.now(UTC)
    if person_id == who.person:
        raise Forbidden("Nobody gives themselves extra time: ask another officer.")
    await check_within(session, who, person_id, RESPONSIBLE)
    await lock_person(session, person_id)
    known = await session.get(ExtraTime, person_id, populate_existing=True)
    before = known.percent if known else 0
    if (before, known.reason if known else "") == (percent, reason if percent else ""):
        return
    if percent == 0 and known:
        await session.delete(known)
    else:
        await session.merge(ExtraTime(person_id=person_id, percent=percent, reason=reason, set_at=moment))
        await _extend(session, person_id, percent, moment)
    await audit.record(
        session,
        action="learning.extra_time_set",
        actor=who,
        target_type="person",
        target_id=person_id,
        before={"percent": before},
        after={"percent": percent},
    )


async def _extend(session: AsyncSession, person_id: uuid.UUID, percent: int, now: datetime) -> None:
    """Attempts that are open become longer, never shorter."""
    statement = (
        select(QuizSitting, Module.settings)
        .join(Enrollment, Enrollment.id == QuizSitting.enrollment_id)
        .join(Module, Module.id == QuizSitting.module_id)
        .where(Enrollment.person_id == person_id, Enrollment.withdrawn_at.is_(None), QuizSitting.due_at.is_not(None))
        .where(~exists().where(QuizAttempt.id == QuizSitting.id))
        .with_for_update(of=QuizSitting)
    )
    for sitting, settings in (await session.execute(statement)).tuples():
        due_at = sitting.started_at + longer(settings["time_limit_s"], percent)
        if sitting.due_at and not is_over(sitting, now) and due_at > sitting.due_at:
            sitting.due_at, sitting.extra_percent = due_at, percent
            await end_later(session, sitting)


async def extra_times(session: AsyncSession, who: Principal) -> list[ExtraTime]:
    """Of the people whom the caller reaches as an officer, the newest first."""
    statement = select(ExtraTime).where(within(ExtraTime.person_id, who.reach(RESPONSIBLE)))
    statement = statement.options(joinedload(ExtraTime.person, innerjoin=True))
    return list(await session.scalars(statement.order_by(ExtraTime.set_at.desc(), ExtraTime.person_id)))

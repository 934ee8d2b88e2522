"""Quiz attempts: scored by the server, numbered in order, the same id once, none too many and none too late."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.errors import Conflict
from api.learning.answers import counted_answers, forget_answers
from api.learning.models import QuizAttempt, QuizSitting
from api.learning.quiz_models import QuizAnswer
from api.learning.quiz_schemas import AnswerIn, AttemptIn
from api.learning.quizzes import Quiz, attempts_left, attempts_used, feedback, load_quiz, score

GRACE = timedelta(seconds=30)
"""How long after the end answers are still taken: they were sent in time, and the way took long."""


class NotEnrolled(Conflict):
    title = "Not enrolled"


class NotBegun(Conflict):
    title = "The attempt was not begun"


class AttemptsUsedUp(Conflict):
    title = "No attempt is left"


class TimeIsUp(Conflict):
    title = "The time for this attempt is up"


@dataclass(frozen=True, slots=True)
class Submitted:
    """An attempt with what the learner is told of it."""

    is_passed: bool
    told: dict[str, Any]


async def submit_attempt(
    session: AsyncSession, at: RowMapping, key: dict[str, Any], sent: AttemptIn | None, now: datetime
) -> Submitted | None:
    """The scored attempt with its fact; sent again it is read, not written. The enrollment is locked by the caller."""
    if sent is None:
        return None
    known = await session.get(QuizAttempt, sent.id)
    sitting = await session.get(QuizSitting, sent.id)
    for one in (known, sitting):
        if one and (one.enrollment_id, one.module_id) != (at["id"], at["module_id"]):
            raise Conflict("This attempt id is taken: choose a new one for each attempt.")
    quiz = await load_quiz(session, at["module_id"])
    used = (await attempts_used(session, at["id"])).get(at["module_id"], 0)
    if known:
        return await _submitted(session, quiz, known, used, now)
    has_ended = bool(sitting and is_over(sitting, now))
    counted: list[AnswerIn] = sent.answers
    if sitting:
        counted = await counted_answers(session, sitting.id, sent.answers, is_over=has_ended)
    _check_may_submit(quiz, sitting, used, has_answers=bool(counted) or not has_ended)
    asked = quiz.asked(sitting.question_ids if sitting else None)
    scored = score(quiz, asked, counted)
    attempt = QuizAttempt(
        id=sent.id,
        enrollment_id=at["id"],
        module_id=at["module_id"],
        number=sitting.number if sitting else used + 1,
        answers=scored.answers,
        score_percent=scored.score_percent,
        is_passed=scored.is_passed,
        submitted_at=now,
        ended_by="time" if has_ended else "learner",
    )
    session.add(attempt)
    await forget_answers(session, sent.id)
    await _tell(session, at, key, attempt, now)
    return await _submitted(session, quiz, attempt, max(used, attempt.number), now)


def _check_may_submit(quiz: Quiz, sitting: QuizSitting | None, used: int, *, has_answers: bool) -> None:
    if sitting is None and quiz.settings.needs_sitting:
        raise NotBegun("Begin the attempt first: POST /quiz-attempts gives the questions and the time.")
    if sitting is None and attempts_left(quiz.settings, used) == 0:
        raise used_up(quiz)
    if sitting and not has_answers:
        raise time_is_up(sitting)


def time_is_up(sitting: QuizSitting) -> TimeIsUp:
    return TimeIsUp(
        f"The answers came after {sitting.due_at:%H:%M:%S} UTC, so they are not counted; what was saved before is."
        " Begin another attempt, if one is left."
    )


def used_up(quiz: Quiz) -> AttemptsUsedUp:
    return AttemptsUsedUp(f"All {quiz.settings.attempts} attempts at this quiz are used: ask the course's author.")


def is_over(sitting: QuizSitting, now: datetime) -> bool:
    return sitting.due_at is not None and now > sitting.due_at + GRACE


async def open_sitting(
    session: AsyncSession, enrollment_id: uuid.UUID, module_id: uuid.UUID, now: datetime
) -> QuizSitting | None:
    """The attempt that was begun and may still be answered."""
    statement = (
        select(QuizSitting)
        .outerjoin(QuizAttempt, QuizAttempt.id == QuizSitting.id)
        .where(QuizSitting.enrollment_id == enrollment_id, QuizSitting.module_id == module_id)
        .where(QuizAttempt.id.is_(None))
        .order_by(QuizSitting.number.desc())
        .limit(1)
    )
    newest: QuizSitting | None = await session.scalar(statement)
    return newest if newest and not is_over(newest, now) else None


async def ended_sittings(
    session: AsyncSession, enrollment_id: uuid.UUID, module_id: uuid.UUID, now: datetime
) -> list[QuizSitting]:
    """Those whose time is up and that nobody submitted, though something was saved."""
    statement = (
        select(QuizSitting)
        .where(QuizSitting.enrollment_id == enrollment_id, QuizSitting.module_id == module_id)
        .where(QuizSitting.due_at < now - GRACE)
        .where(exists().where(QuizAnswer.sitting_id == QuizSitting.id))
        .order_by(QuizSitting.number)
    )
    return list(await session.scalars(statement))


async def _submitted(session: AsyncSession, quiz: Quiz, attempt: QuizAttempt, used: int, now: datetime) -> Submitted:
    """Not the last one while another is open: its learner would be told the right answers to it."""
    left = attempts_left(quiz.settings, used)
    is_last = left == 0 and await open_sitting(session, attempt.enrollment_id, attempt.module_id, now) is None
    return Submitted(attempt.is_passed, told_of(quiz, attempt, left, is_last=is_last))


def told_of(quiz: Quiz, attempt: QuizAttempt, left: int | None, *, is_last: bool) -> dict[str, Any]:
    """As AttemptOut."""
    plain = ("number", "score_percent", "is_passed", "ended_by")
    return {name: getattr(attempt, name) for name in plain} | {
        "attempts_left": left,
        "feedback": feedback(
            quiz.settings, quiz.questions, attempt.answers, is_passed=attempt.is_passed, is_last=is_last
        ),
    }


async def _tell(
    session: AsyncSession, at: RowMapping, key: dict[str, Any], attempt: QuizAttempt, now: datetime
) -> None:
    """The fact, with what quiz_schemas says of its answers."""
    payload = {
        **{name: str(value) for name, value in key.items() if name != "person_id"},
        "enrollment_id": str(at["id"]),
        "version_id": str(at["version_id"]),
        "attempt_id": str(attempt.id),
        **{name: getattr(attempt, name) for name in ("number", "score_percent", "is_passed", "answers")},
        "ended_by": attempt.ended_by,
    }
    person_id: uuid.UUID = key["person_id"]
    await events.record(
        session,
        "learning.quiz_submitted",
        subject_id=person_id,
        actor_id=person_id,
        payload=payload,
        occurred_at=now,
    )

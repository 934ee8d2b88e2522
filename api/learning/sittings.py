"""Beginning an attempt at a quiz: what is asked, in which order and until when is decided here, and kept."""

import random
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core import events
from api.core.errors import Conflict, NotFound
from api.core.jobs import LIGHT, enqueue
from api.courses.authors import authored_course
from api.courses.draws import drawn_for_preview
from api.courses.models import Module, Question
from api.courses.questions import shuffled
from api.courses.quiz_rules import draw
from api.learning import queries
from api.learning.attempts import GRACE, NotEnrolled, open_sitting, used_up
from api.learning.models import QuizAttempt, QuizSitting
from api.learning.quiz_models import ExtraTime
from api.learning.quiz_schemas import AnswerIn, PreviewIn, SittingIn
from api.learning.quizzes import Quiz, attempts_left, attempts_used, feedback, load_quiz, score


@dataclass(frozen=True, slots=True)
class Begun:
    """A sitting with the questions to show, in order."""

    sitting: QuizSitting
    questions: list[Question]
    is_shuffled: bool
    attempts_left: int | None
    remaining_s: int | None
    is_new: bool


async def begin_attempt(
    session: AsyncSession, *, person_id: uuid.UUID, sent: SittingIn, now: datetime | None = None
) -> Begun:
    """A new attempt, or the one that is still open, whatever id was sent: two tabs have the same questions."""
    moment = now or datetime.now(UTC)
    key = {"person_id": person_id, "course_id": sent.course_id, "module_id": sent.module_id}
    at = (await session.execute(queries.LOCK_ENROLLMENT, key)).mappings().one_or_none()
    if at is None:
        raise NotEnrolled("You are not enrolled in this course: POST /enroll first.")
    if at["kind"] != "quiz":
        raise NotFound("This course, in the version you are enrolled in, has no such quiz.")
    whole = await load_quiz(session, sent.module_id)
    used = (await attempts_used(session, at["id"])).get(sent.module_id, 0)
    known = await _known(session, at["id"], sent)
    sitting = known or await open_sitting(session, at["id"], sent.module_id, moment)
    is_new = sitting is None
    if sitting is None:
        if attempts_left(whole.settings, used) == 0:
            raise used_up(whole)
        used += 1
        extra = await session.get(ExtraTime, person_id)
        sitting = _new(whole, at["id"], sent, used, moment, extra.percent if extra else 0)
        session.add(sitting)
        await end_later(session, sitting)
        ids = {name: str(at[name]) for name in ("version_id", "module_id")} | {"course_id": str(sent.course_id)}
        payload = {**ids, "enrollment_id": str(at["id"]), "attempt_id": str(sitting.id), "number": used}
        await events.record(
            session,
            "learning.quiz_started",
            subject_id=person_id,
            actor_id=person_id,
            payload=payload,
            occurred_at=moment,
        )
    questions = whole.asked(sitting.question_ids)
    left = attempts_left(whole.settings, used)
    return Begun(sitting, questions, whole.settings.shuffle, left, remaining_s(sitting, moment), is_new)


def remaining_s(sitting: QuizSitting, now: datetime) -> int | None:
    return max(0, round((sitting.due_at - now).total_seconds())) if sitting.due_at else None


async def _known(session: AsyncSession, enrollment_id: uuid.UUID, sent: SittingIn) -> QuizSitting | None:
    """The sitting of this id; an id that is somebody else's, or of an attempt without sitting, is a conflict."""
    known = await session.get(QuizSitting, sent.id)
    if known and (known.enrollment_id, known.module_id) == (enrollment_id, sent.module_id):
        return known
    attempt = await session.get(QuizAttempt, sent.id)
    if known or attempt:
        raise Conflict("This attempt id is taken: choose a new one for each attempt.")
    return None


async def end_later(session: AsyncSession, sitting: QuizSitting) -> None:
    """A job submits what was saved, once nothing more is taken; it does nothing where that is done or put off."""
    if sitting.due_at:
        at = sitting.due_at + GRACE + timedelta(seconds=1)
        await enqueue(session, "end_sitting", queue=LIGHT, args={"sitting_id": str(sitting.id)}, scheduled_at=at)


def longer(limit_s: int, extra_percent: int) -> timedelta:
    """The time for somebody with so much extra time."""
    return timedelta(seconds=round(limit_s * (100 + extra_percent) / 100))


def _new(
    whole: Quiz, enrollment_id: uuid.UUID, sent: SittingIn, number: int, now: datetime, extra_percent: int
) -> QuizSitting:
    limit = whole.settings.time_limit_s
    drawn = _drawn(whole, str(uuid.uuid4()))  # not by the id that the caller chose: nobody picks their questions
    ids = [question.id for question in whole.asked(None)] + drawn
    return QuizSitting(
        id=sent.id,
        enrollment_id=enrollment_id,
        module_id=sent.module_id,
        number=number,
        question_ids=shuffled(ids, sent.id) if whole.settings.shuffle else ids,
        started_at=now,
        due_at=limit and now + longer(limit, extra_percent),
        extra_percent=extra_percent if limit else 0,
    )


def _drawn(whole: Quiz, seed: str) -> list[uuid.UUID]:
    """Publishing made sure that there are enough."""
    pool = [
        (one.count, [question.id for question in whole.questions if number in question.draws])
        for number, one in enumerate(whole.settings.draws)
    ]
    return draw(pool, random.Random(seed)) or []  # noqa: S311 (a quiz, no secret)


@dataclass(frozen=True, slots=True)
class Previewed:
    questions: list[Question]
    is_shuffled: bool
    attempt: dict[str, Any] | None


async def preview(session: AsyncSession, *, person_id: uuid.UUID, sent: PreviewIn) -> Previewed:
    """The quiz as a learner might get it, and the score that they would have; for its authors, nothing is kept."""
    statement = select(Module).where(Module.id == sent.module_id, Module.kind == "quiz")
    module = await session.scalar(statement.options(selectinload(Module.version)))
    if module is None:
        raise NotFound("There is no such quiz.")
    version = module.version
    await authored_course(session, version.course_id, person_id)
    loaded = await load_quiz(session, module.id)
    asked = loaded.asked(None)
    if version.published_at is None:
        asked = asked + await drawn_for_preview(session, module, sent.seed)
    else:
        ids = [question.id for question in asked] + _drawn(loaded, sent.seed)
        asked = loaded.asked(ids)
    shown = shuffled(asked, sent.seed) if loaded.settings.shuffle else asked
    attempt = None if sent.answers is None else _previewed(replace(loaded, questions=asked), sent.answers)
    return Previewed(shown, loaded.settings.shuffle, attempt)


def _previewed(whole: Quiz, answers: list[AnswerIn]) -> dict[str, Any]:
    """What a learner's first attempt would be told."""
    scored = score(whole, whole.questions, answers, where="/body/answers")
    left = attempts_left(whole.settings, 1)
    is_passed = scored.is_passed
    told = feedback(whole.settings, whole.questions, scored.answers, is_passed=is_passed, is_last=left == 0)
    plain = {"number": 1, "score_percent": scored.score_percent, "is_passed": is_passed}
    return plain | {"attempts_left": left, "feedback": told}

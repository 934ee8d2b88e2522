"""Where somebody stands in a quiz: the open attempt as it was left, those before, and the end that the clock brings."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import Conflict, NotFound
from api.courses.models import Module, Question
from api.learning import queries
from api.learning.answers import keep_answer, saved_answers
from api.learning.attempts import NotEnrolled, ended_sittings, is_over, open_sitting, time_is_up, told_of
from api.learning.models import Enrollment, QuizAttempt, QuizSitting
from api.learning.quiz_models import ExtraTime, QuizAnswer
from api.learning.quiz_schemas import AttemptIn, SavedAnswerIn
from api.learning.quizzes import Quiz, attempts_left, attempts_used, load_quiz
from api.learning.schemas import ProgressIn
from api.learning.service import record_progress
from api.learning.sittings import Begun, remaining_s

MOST_ATTEMPTS = 50


class AlreadySubmitted(Conflict):
    title = "The attempt is submitted"


@dataclass(frozen=True, slots=True)
class Standing:
    """`reviewed` are the questions of the newest attempt, where its feedback may be seen."""

    quiz: Quiz
    attempts_left: int | None
    extra_percent: int
    open: Begun | None
    saved: list[QuizAnswer]
    attempts: list[tuple[QuizAttempt, dict[str, Any]]]
    reviewed: list[Question]


async def save_answer(
    session: AsyncSession, *, person_id: uuid.UUID, sent: SavedAnswerIn, now: datetime | None = None
) -> tuple[QuizAnswer, QuizSitting]:
    """Keep one answer of an open attempt. Submitting waits for the lock, so what was told to be saved is scored."""
    moment = now or datetime.now(UTC)
    key = {"person_id": person_id, "course_id": sent.course_id, "module_id": sent.module_id}
    at = (await session.execute(queries.SHARE_ENROLLMENT, key)).mappings().one_or_none()
    if at is None:
        raise NotEnrolled("You are not enrolled in this course: POST /enroll first.")
    sitting = await session.get(QuizSitting, sent.attempt_id, populate_existing=True)
    if sitting is None or (sitting.enrollment_id, sitting.module_id) != (at["id"], sent.module_id):
        raise NotFound("You have begun no such attempt: POST /quiz-attempts gives the one that is open.")
    if await session.get(QuizAttempt, sitting.id):
        raise AlreadySubmitted("This attempt is submitted, in another window perhaps: load the quiz again.")
    if is_over(sitting, moment):
        raise time_is_up(sitting)
    return await keep_answer(session, sitting, sent, sent.revision, moment), sitting


async def standing(
    session: AsyncSession,
    *,
    person_id: uuid.UUID,
    course_id: uuid.UUID,
    module_id: uuid.UUID,
    now: datetime | None = None,
) -> Standing:
    """An attempt whose time is up is submitted now, if no job did so yet."""
    moment = now or datetime.now(UTC)
    enrollment = await _enrollment(session, person_id, course_id, module_id)
    for ended in await ended_sittings(session, enrollment.id, module_id, moment):
        await _end(session, enrollment, ended, moment)
    quiz = await load_quiz(session, module_id)
    used = (await attempts_used(session, enrollment.id)).get(module_id, 0)
    left = attempts_left(quiz.settings, used)
    sitting = await open_sitting(session, enrollment.id, module_id, moment)
    begun = None
    if sitting:
        asked, seconds = quiz.asked(sitting.question_ids), remaining_s(sitting, moment)
        begun = Begun(sitting, asked, quiz.settings.shuffle, left, seconds, is_new=False)
    statement = select(QuizAttempt).where(
        QuizAttempt.enrollment_id == enrollment.id, QuizAttempt.module_id == module_id
    )
    past = list(await session.scalars(statement.order_by(QuizAttempt.number.desc()).limit(MOST_ATTEMPTS)))
    is_last = left == 0 and sitting is None
    told = [(attempt, told_of(quiz, attempt, left, is_last=is_last)) for attempt in past]
    extra = await session.get(ExtraTime, person_id)
    saved = await saved_answers(session, sitting.id) if sitting else []
    return Standing(quiz, left, extra.percent if extra else 0, begun, saved, told, _reviewed(quiz, told))


def _reviewed(quiz: Quiz, told: list[tuple[QuizAttempt, dict[str, Any]]]) -> list[Question]:
    if not told or told[0][1]["feedback"] is None:
        return []
    return quiz.asked([uuid.UUID(answer["question_id"]) for answer in told[0][0].answers])


async def _enrollment(
    session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID, module_id: uuid.UUID
) -> Enrollment:
    statement = select(Enrollment).where(
        Enrollment.person_id == person_id, Enrollment.course_id == course_id, Enrollment.withdrawn_at.is_(None)
    )
    enrollment = await session.scalar(statement)
    if enrollment is None:
        raise NotEnrolled("You are not enrolled in this course: POST /enroll first.")
    quizzes = select(Module.id).where(Module.id == module_id, Module.version_id == enrollment.version_id)
    if await session.scalar(quizzes.where(Module.kind == "quiz")) is None:
        raise NotFound("This course, in the version you are enrolled in, has no such quiz.")
    return enrollment


async def _end(session: AsyncSession, enrollment: Enrollment, sitting: QuizSitting, now: datetime) -> None:
    """As its learner would submit it; twice is once, as for them."""
    ids = {"course_id": enrollment.course_id, "module_id": sitting.module_id}
    sent = ProgressIn(**ids, attempt=AttemptIn(id=sitting.id, answers=[]))
    await record_progress(session, person_id=enrollment.person_id, sent=sent, now=now)


# Only while its learner is still in the version that it belongs to: who moved on begins to count anew there.
ENDING = text(
    """
    select e.id from quiz_sitting s join enrollment e on e.id = s.enrollment_id and e.withdrawn_at is null
    join module m on m.id = s.module_id and m.version_id = e.version_id where s.id = :id
    """
)


async def end_sitting(session: AsyncSession, *, sitting_id: uuid.UUID, now: datetime | None = None) -> bool:
    """Submit what was saved, once the time is up; whether there was anything to do."""
    moment = now or datetime.now(UTC)
    enrollment_id = await session.scalar(ENDING, {"id": sitting_id})
    if enrollment_id is None:
        return False
    enrollment = await session.get_one(Enrollment, enrollment_id)
    module_id = (await session.get_one(QuizSitting, sitting_id)).module_id
    ended = [one for one in await ended_sittings(session, enrollment_id, module_id, moment) if one.id == sitting_id]
    for sitting in ended:
        await _end(session, enrollment, sitting, moment)
    return bool(ended)

"""Quiz attempts: scored by the server, numbered in order, the same id once."""

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core import events
from api.core.errors import Conflict, ProblemError
from api.courses.models import CourseVersion, Question
from api.learning.models import QuizAttempt
from api.learning.rules import Item, score_attempt, unknown_answers
from api.learning.schemas import AttemptIn


class UnknownAnswer(ProblemError):
    status = 422
    title = "An answer is not one of this quiz"


async def submit_attempt(
    session: AsyncSession, at: RowMapping, key: dict[str, Any], sent: AttemptIn | None, now: datetime
) -> QuizAttempt | None:
    """The scored attempt with its fact; sent again it is read, not written. The enrollment is locked by the caller."""
    if sent is None:
        return None
    known = await session.get(QuizAttempt, sent.id)
    if known:
        if (known.enrollment_id, known.module_id) != (at["id"], at["module_id"]):
            raise Conflict("This attempt id is taken: choose a new one for each attempt.")
        return known
    statement = select(Question).where(Question.module_id == at["module_id"]).order_by(Question.position)
    questions = await session.scalars(statement.options(selectinload(Question.choices)))
    items = [
        Item(q.id, frozenset(c.id for c in q.choices if c.is_correct), frozenset(c.id for c in q.choices))
        for q in questions
    ]
    given = {answer.question_id: frozenset(answer.choice_ids) for answer in sent.answers}
    if unknown := unknown_answers(items, given):
        raise UnknownAnswer(f"This quiz has no question or choice {unknown[0]}: load it again.", unknown=unknown[:10])
    pass_percent = await session.scalar(select(CourseVersion.pass_percent).where(CourseVersion.id == at["version_id"]))
    scored = score_attempt(items, given, pass_percent or 0)
    same_quiz = (QuizAttempt.enrollment_id == at["id"], QuizAttempt.module_id == at["module_id"])
    number = 1 + (await session.scalar(select(func.count()).select_from(QuizAttempt).where(*same_quiz)) or 0)
    attempt = QuizAttempt(
        id=sent.id,
        enrollment_id=at["id"],
        module_id=at["module_id"],
        number=number,
        answers=scored.answers,
        score_percent=scored.score_percent,
        is_passed=scored.is_passed,
        submitted_at=now,
    )
    session.add(attempt)
    payload = {
        **{name: str(value) for name, value in key.items() if name != "person_id"},
        "enrollment_id": str(at["id"]),
        "version_id": str(at["version_id"]),
        "attempt_id": str(sent.id),
        "number": number,
        "score_percent": scored.score_percent,
        "is_passed": scored.is_passed,
        "answers": scored.answers,
    }
    await events.record(
        session,
        "learning.quiz_submitted",
        subject_id=key["person_id"],
        actor_id=key["person_id"],
        payload=payload,
        occurred_at=now,
    )
    return attempt

"""Answers of an open attempt, kept one by one: the last by the page's own count stays, in whatever order they come."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Text, cast, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.models import Question
from api.courses.questions import question_parts
from api.learning.models import QuizSitting
from api.learning.quiz_models import QuizAnswer
from api.learning.quiz_schemas import AnswerIn
from api.learning.quizzes import AnswerRefused, unfinished_fault
from api.learning.scoring import parse_number


async def saved_answers(session: AsyncSession, sitting_id: uuid.UUID) -> list[QuizAnswer]:
    """As they are in the database now, not as this session read them before."""
    rows = select(QuizAnswer).where(QuizAnswer.sitting_id == sitting_id).execution_options(populate_existing=True)
    return list(await session.scalars(rows))


async def counted_answers(
    session: AsyncSession, sitting_id: uuid.UUID, sent: Sequence[AnswerIn], *, is_over: bool
) -> list[AnswerIn]:
    """What an attempt is scored by: what is sent with the submission, and for other questions what was saved.

    After the end only what was saved in time; a number that was none yet is no answer then, since nobody can be asked.
    """
    saved = [AnswerIn.model_validate(row.answer) for row in await saved_answers(session, sitting_id)]
    if is_over:
        return [_finished(answer) for answer in saved]
    known = {answer.question_id for answer in sent}
    return [*sent, *(answer for answer in saved if answer.question_id not in known)]


def _finished(answer: AnswerIn) -> AnswerIn:
    is_none = answer.number and answer.number.strip() and parse_number(answer.number) is None
    return answer.model_copy(update={"number": None}) if is_none else answer


async def forget_answers(session: AsyncSession, sitting_id: uuid.UUID) -> None:
    await session.execute(delete(QuizAnswer).where(QuizAnswer.sitting_id == sitting_id))


async def keep_answer(
    session: AsyncSession, sitting: QuizSitting, answer: AnswerIn, revision: int, now: datetime | None = None
) -> QuizAnswer:
    """The answer that is kept now: this one, or a later one that was faster."""
    if answer.question_id not in sitting.question_ids:
        raise AnswerRefused("The question is not one of this attempt: load the quiz again.", errors=[_place()])
    asked = select(Question).where(Question.id == answer.question_id).options(*question_parts())
    if fault := unfinished_fault((await session.scalars(asked)).one(), answer):
        raise AnswerRefused(f"The question {fault}.", errors=[_place()])
    values = {
        "sitting_id": sitting.id,
        "question_id": answer.question_id,
        "answer": answer.model_dump(mode="json", include=set(AnswerIn.model_fields), exclude_defaults=True),
        "revision": revision,
        "saved_at": now or datetime.now(UTC),
    }
    statement = insert(QuizAnswer).values(values)
    new = statement.excluded
    # Two tabs may count the same: then the texts decide, so that the order of arrival does not.
    later = tuple_(new.revision, cast(new.answer, Text)) > tuple_(QuizAnswer.revision, cast(QuizAnswer.answer, Text))
    changes = {name: new[name] for name in ("answer", "revision", "saved_at")}
    keys = ["sitting_id", "question_id"]
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes, where=later))
    return await session.get_one(QuizAnswer, (sitting.id, answer.question_id), populate_existing=True)


def _place() -> dict[str, Any]:
    return {"pointer": "/body/question_id", "detail": "Not an answer of this attempt."}

"""A quiz as it is scored: its settings, what it asks, and what may be told after an attempt."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import ProblemError
from api.courses.models import CourseVersion, Module, Question
from api.courses.questions import question_parts
from api.courses.quiz_schemas import QuizSettings
from api.learning.models import QuizAttempt, QuizSitting
from api.learning.quiz_schemas import AnswerIn, ResponseIn
from api.learning.scoring import Answer, Item, Response, Scored, response_fault, score_attempt


class AnswerRefused(ProblemError):
    status = 422
    title = "An answer is not one of this quiz"


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz of a version: what an attempt is judged by."""

    settings: QuizSettings
    pass_percent: int
    questions: list[Question]
    """All of them: those that are always asked have no `draws`."""

    def asked(self, ids: Sequence[uuid.UUID] | None) -> list[Question]:
        """Those of a sitting in its order; without one, those that are always asked."""
        if ids is None:
            return [question for question in self.questions if not question.draws]
        known = {question.id: question for question in self.questions}
        return [known[question_id] for question_id in ids]


async def load_quiz(session: AsyncSession, module_id: uuid.UUID) -> Quiz:
    statement = select(Module.settings, CourseVersion.pass_percent).join(Module.version).where(Module.id == module_id)
    row = (await session.execute(statement)).one()
    questions = select(Question).where(Question.module_id == module_id).order_by(Question.position)
    found = list(await session.scalars(questions.options(*question_parts())))
    settings = QuizSettings.model_validate(row.settings)
    return Quiz(settings, row.pass_percent if settings.pass_percent is None else settings.pass_percent, found)


async def attempts_used(session: AsyncSession, enrollment_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """By module; an attempt that was begun counts, whether or not its answers came."""
    numbers = [
        select(one.module_id, func.max(one.number)).where(one.enrollment_id == enrollment_id).group_by(one.module_id)
        for one in (QuizAttempt, QuizSitting)
    ]
    used: dict[uuid.UUID, int] = {}
    for module_id, number in await session.execute(numbers[0].union_all(numbers[1])):
        used[module_id] = max(number, used.get(module_id, 0))
    return used


def attempts_left(settings: QuizSettings, used: int) -> int | None:
    return None if settings.attempts is None else max(0, settings.attempts - used)


def score(
    quiz: Quiz, asked: list[Question], sent: Iterable[AnswerIn], *, where: str = "/body/attempt/answers"
) -> Scored:
    """Raises AnswerRefused with the place of each answer that can't be one."""
    items = {question.id: item_of(question) for question in asked}
    given: dict[uuid.UUID, Answer] = {}
    faults = []
    for number, answer in enumerate(sent):
        item = items.get(answer.question_id)
        told = given[answer.question_id] = _answer(answer)
        if fault := _fault(item, told):
            faults.append({"pointer": f"{where}/{number}", "detail": f"The question {fault}."})
    if faults:
        detail = f"{faults[0]['detail']} Load the quiz again if its questions are other ones by now."
        raise AnswerRefused(detail, errors=faults[:10])
    has_partial_credit = quiz.settings.partial_credit
    return score_attempt(list(items.values()), given, quiz.pass_percent, has_partial_credit=has_partial_credit)


def _fault(item: Item | None, told: Answer) -> str | None:
    if item is None:
        return "is not one of this attempt"
    # A first answer was not sent off by anybody: one that is no number is only wrong.
    return response_fault(item, told.last) or response_fault(item, replace(told.first or Response(), number=""))


def unfinished_fault(question: Question, sent: AnswerIn) -> str | None:
    """Why this can't become an answer to the question; a number that is being typed may be none yet."""
    told = _answer(sent)
    return _fault(item_of(question), replace(told, last=replace(told.last, number="")))


def item_of(question: Question) -> Item:
    spec, choices = question.spec, question.choices
    texts = [spec] if question.kind == "short_text" else spec.get("gaps", [])
    return Item(
        question.id,
        question.kind,
        tuple(choice.id for choice in choices),
        frozenset(choice.id for choice in choices if choice.is_correct),
        {choice.id: choice.match for choice in choices},
        _decimal(spec.get("value")),
        _decimal(spec.get("tolerance")) or Decimal(0),
        tuple(tuple(one.get("accepted", [])) for one in texts),
        bool(spec.get("case_sensitive")),
        question.points,
        question.item_id,
        question.item_version,
    )


def _decimal(number: float | None) -> Decimal | None:
    """As it was written: 0.1 and not what a float makes of it."""
    return None if number is None else Decimal(repr(number))


def _answer(sent: AnswerIn) -> Answer:
    first = _response(sent.first_response) if sent.first_response else None
    if sent.first_choice_ids is not None:
        first = replace(first or Response(), choice_ids=frozenset(sent.first_choice_ids))
    return Answer(_response(sent), first, sent.duration_s)


def _response(sent: ResponseIn) -> Response:
    return Response(
        frozenset(sent.choice_ids),
        tuple(sent.order),
        tuple((pair.choice_id, pair.match) for pair in sent.pairs),
        sent.number or "",
        sent.text or "",
        tuple(sent.gaps),
    )


def feedback(
    settings: QuizSettings, questions: list[Question], answers: list[dict[str, Any]], *, is_passed: bool, is_last: bool
) -> list[dict[str, Any]] | None:
    """As AnswerFeedbackOut. The right answers come only once they can't be used any more: passed, or no try left."""
    if settings.show_feedback == "never" or (settings.show_feedback == "after_pass" and not is_passed):
        return None
    known = {str(question.id): question for question in questions}
    told = []
    for answer in answers:
        question = known[answer["question_id"]]
        chosen = [choice for choice in question.choices if str(choice.id) in answer["choice_ids"]]
        told.append(
            {
                "question_id": question.id,
                "is_correct": answer["is_correct"],
                "points": question.points,
                "points_share": answer.get("points_share", float(answer["is_correct"])),
                "feedback": question.feedback,
                "choices": [{"id": c.id, "feedback": c.feedback} for c in chosen if c.feedback],
                "solution": _solution(question) if is_passed or is_last else None,
            }
        )
    return told


def _solution(question: Question) -> dict[str, Any]:
    kind, choices, spec = question.kind, question.choices, question.spec
    if kind in ("single", "multiple"):
        return {"choice_ids": [choice.id for choice in choices if choice.is_correct]}
    if kind == "ordering":
        return {"order": [choice.id for choice in choices]}
    if kind == "matching":
        return {"pairs": [{"choice_id": choice.id, "match": choice.match} for choice in choices]}
    if kind == "numeric":
        return {"number": f"{_decimal(spec['value']):f}".removesuffix(".0"), "tolerance": spec.get("tolerance", 0)}
    if kind == "short_text":
        return {"text": spec["accepted"][0], "accepted": spec["accepted"]}
    return {"gaps": [gap["accepted"][0] for gap in spec["gaps"]], "accepted": [gap["accepted"] for gap in spec["gaps"]]}

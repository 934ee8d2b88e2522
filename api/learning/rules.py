"""Decisions about a person's way through a course: plain values in, plain values out."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

CLOCK_SKEW = timedelta(minutes=5)
"""How far a client's clock may be ahead."""


@dataclass(frozen=True, slots=True)
class Item:
    """A quiz question with the set of its right choices and of all it offers."""

    question_id: uuid.UUID
    correct: frozenset[uuid.UUID]
    offered: frozenset[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Scored:
    """`answers` has one entry a question, in the quiz's order: question_id, choice_ids, is_correct."""

    score_percent: int
    is_passed: bool
    answers: list[dict[str, Any]]


def score_attempt(items: list[Item], given: dict[uuid.UUID, frozenset[uuid.UUID]], pass_percent: int) -> Scored:
    """An item counts when exactly the right choices are marked; an item without an answer is wrong."""
    answers = [
        {
            "question_id": str(item.question_id),
            "choice_ids": sorted(map(str, given.get(item.question_id, frozenset()))),
            "is_correct": given.get(item.question_id, frozenset()) == item.correct,
        }
        for item in items
    ]
    score = round(100 * sum(bool(answer["is_correct"]) for answer in answers) / len(items)) if items else 100
    return Scored(score, score >= pass_percent, answers)


def unknown_answers(items: list[Item], given: dict[uuid.UUID, frozenset[uuid.UUID]]) -> list[str]:
    """Ids in an answer that this quiz doesn't have."""
    known = {item.question_id: item.offered for item in items}
    unknown = [str(question) for question in given if question not in known]
    return unknown + [str(c) for question, choices in given.items() for c in choices - known.get(question, choices)]


def course_percent(module_percents: list[int], module_count: int) -> int:
    """Every module weighs the same; rounded down, so that 100 means all of it."""
    return sum(module_percents) // module_count if module_count else 0


def course_score(best_scores: list[int]) -> int | None:
    """Mean of the best score of each quiz; None for a course without one."""
    return round(sum(best_scores) / len(best_scores)) if best_scores else None


def module_percent(kind: str, claimed: int, *, is_passed: bool, decided: int | None) -> int:
    """What a learner says counts only where nothing else does: a quiz is passed, a package and a live session are
    `decided` by what the server keeps of them.
    """
    if kind == "quiz":
        return 100 if is_passed else 0
    return (decided or 0) if kind in ("package", "live") else claimed


def believable(occurred_at: datetime, now: datetime) -> datetime:
    """A client's moment, never later than ours: a clock that is ahead must not win over later messages."""
    return min(occurred_at, now)

"""Scoring quiz answers: what was asked and what was answered in, the share of the points out. No database."""

import re
import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

NUMBER = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{1,20})?")
LARGEST = Decimal(10) ** 15
ALL = Fraction(1)
NONE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Item:
    """A quiz item with its right answer. `offered` is in the author's order: of an ordering item, the right one."""

    question_id: uuid.UUID
    kind: str = "single"
    offered: tuple[uuid.UUID, ...] = ()
    correct: frozenset[uuid.UUID] = frozenset()
    matches: dict[uuid.UUID, str] = field(default_factory=dict)
    value: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    gaps: tuple[tuple[str, ...], ...] = ()
    """Accepted texts of each gap; a short text is one gap."""
    is_case_sensitive: bool = False
    points: int = 1
    item_id: uuid.UUID | None = None
    item_version: int = 1


@dataclass(frozen=True, slots=True)
class Response:
    """What somebody answered: only what the item's kind takes is filled."""

    choice_ids: frozenset[uuid.UUID] = frozenset()
    order: tuple[uuid.UUID, ...] = ()
    pairs: tuple[tuple[uuid.UUID, str], ...] = ()
    number: str = ""
    text: str = ""
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The last response to an item, with the first one where the page told it, and the seconds spent on the item."""

    last: Response = Response()
    first: Response | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """`answers` has one entry a question, in the order asked: see AnswerFact in quiz_schemas."""

    score_percent: int
    is_passed: bool
    answers: list[dict[str, Any]]


TAKES = {
    "single": "choice_ids",
    "multiple": "choice_ids",
    "ordering": "order",
    "matching": "pairs",
    "numeric": "number",
    "short_text": "text",
    "cloze": "gaps",
}


def plain(text: str) -> str:
    """One form for what reads the same: composed characters (NFKC) and single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def folded(text: str) -> str:
    """`plain`, with A and a alike; folding may leave what composes again, so it is normalised after."""
    return plain(unicodedata.normalize("NFKC", text).casefold())


def parse_number(text: str) -> Decimal | None:
    """A number with a comma or a point for its decimals; None for anything else: units, thousands, 1e5, NaN."""
    tidy = plain(text).replace("\N{MINUS SIGN}", "-")
    if not NUMBER.fullmatch(tidy):
        return None
    number = Decimal(tidy.replace(",", "."))
    return number if abs(number) <= LARGEST else None


def response_fault(item: Item, given: Response) -> str | None:
    """Why this can't be an answer to this item; None when it can, right or wrong."""
    strange = [name for name, value in asdict(given).items() if value and name != TAKES[item.kind]]
    if strange:
        return f"takes {TAKES[item.kind]}, not {strange[0]}"
    named = [*given.choice_ids, *given.order, *(choice for choice, _ in given.pairs)]
    if unknown := set(named) - set(item.offered):
        return f"has no choice {min(map(str, unknown))}"
    if len(named) != len(set(named)):
        return "was given the same choice twice"
    if item.kind == "single" and len(given.choice_ids) > 1:
        return "takes one choice"
    if given.number.strip() and parse_number(given.number) is None:
        return "takes a number alone, such as 12.5 or 12,5: no unit, no other signs"
    return "has fewer gaps" if item.kind == "cloze" and len(given.gaps) > len(item.gaps) else None


def share(item: Item, given: Response, *, has_partial_credit: bool = False) -> Fraction:
    """Of the item's points, 0 to 1. Whole for exactly the right answer only; without partial credit else nothing."""
    earned = _share(item, given)
    return earned if has_partial_credit or earned == ALL else NONE


def _share(item: Item, given: Response) -> Fraction:
    if item.kind == "single":
        return ALL if given.choice_ids == item.correct else NONE
    if item.kind == "multiple":
        right, wrong = len(given.choice_ids & item.correct), len(given.choice_ids - item.correct)
        return max(NONE, Fraction(right - wrong, len(item.correct))) if item.correct else NONE
    if item.kind == "ordering":
        return _neighbours(item.offered, given.order)
    if item.kind == "matching":
        told = dict(given.pairs)
        return _part(plain(told.get(choice, "")) == plain(match) for choice, match in item.matches.items())
    if item.kind == "numeric":
        number = parse_number(given.number)
        is_near = number is not None and item.value is not None and abs(number - item.value) <= item.tolerance
        return ALL if is_near else NONE
    said = (given.text,) if item.kind == "short_text" else given.gaps
    alike = plain if item.is_case_sensitive else folded
    pairs = zip(item.gaps, [*said, *[""] * len(item.gaps)], strict=False)
    return _part(alike(text) in {alike(one) for one in accepted} for accepted, text in pairs)


def _neighbours(right: tuple[uuid.UUID, ...], given: tuple[uuid.UUID, ...]) -> Fraction:
    """Of the pairs that follow each other in the right order, those that do in the answer: one thing in a wrong
    place costs its neighbours, not everything behind it.
    """
    if right == given:
        return ALL
    kept = set(pairwise(given))
    return _part(pair in kept for pair in pairwise(right))


def _part(right: Iterable[bool]) -> Fraction:
    each = list(right)
    return Fraction(sum(each), len(each)) if each else NONE


def score_attempt(
    items: list[Item], given: dict[uuid.UUID, Answer], pass_percent: int, *, has_partial_credit: bool = False
) -> Scored:
    """The score by points; 100 is for all right only, however it rounds. An item without an answer is wrong."""
    answers: list[dict[str, Any]] = []
    earned = Fraction(0)
    for item in items:
        answer = given.get(item.question_id, Answer())
        part = share(item, answer.last, has_partial_credit=has_partial_credit)
        earned += item.points * part
        answers.append(_told(item, answer, part))
    total = sum(item.points for item in items)
    score = 100 if earned == total else min(99, round(100 * earned / total))
    return Scored(score, score >= pass_percent, answers)


def _told(item: Item, answer: Answer, part: Fraction) -> dict[str, Any]:
    first = answer.first
    return {
        "question_id": str(item.question_id),
        "choice_ids": sorted(map(str, answer.last.choice_ids)),
        "is_correct": part == ALL,
        "item_id": str(item.item_id or item.question_id),
        "item_version": item.item_version,
        "points": item.points,
        "points_share": round(float(part), 4),
        "response": _response(item, answer.last),
        "first_choice_ids": None if first is None else sorted(map(str, first.choice_ids)),
        "first_response": None if first is None else _response(item, first),
        "is_first_correct": None if first is None else share(item, first) == ALL,
        "duration_s": answer.duration_s,
    }


def _response(item: Item, given: Response) -> Any:
    """As the wire has it; None for choices, which are in choice_ids."""
    if item.kind in ("single", "multiple"):
        return None
    if item.kind == "ordering":
        return {"order": [str(choice) for choice in given.order]}
    if item.kind == "matching":
        return {"pairs": [{"choice_id": str(choice), "match": match} for choice, match in given.pairs]}
    name = TAKES[item.kind]
    value = getattr(given, name)
    return {name: list(value) if isinstance(value, tuple) else value}

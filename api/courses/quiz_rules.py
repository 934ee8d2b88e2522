"""What a quiz needs before it may be published, and which edit makes a new item: plain values in and out."""

import random
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

GAP = re.compile(r"\{\{\s*(\d{1,2})\s*\}\}")
Thing = TypeVar("Thing", bound=Hashable)
CHOICE_KINDS = frozenset({"single", "multiple", "ordering", "matching"})


@dataclass(frozen=True, slots=True)
class ChoiceContent:
    label: str
    is_correct: bool = False
    match: str = ""


@dataclass(frozen=True, slots=True)
class ItemContent:
    """All of an item that a learner sees or hears, or that decides the score. Two equal ones are one item version.

    Feedback isn't part of it: it comes after the answer.
    """

    kind: str
    prompt: str
    points: int = 1
    choices: tuple[ChoiceContent, ...] = ()
    spec: dict[str, Any] = field(default_factory=dict)
    image: str | None = None
    image_alt: str = ""


def item_fault(item: ItemContent) -> str | None:
    """What to do before this item can be asked; None when nothing."""
    if not item.prompt.strip():
        return "write what is asked"
    if item.image and not item.image_alt.strip():
        return "say what the image shows, for those who don't see it"
    return _choices_fault(item) if item.kind in CHOICE_KINDS else _spec_fault(item)


def _choices_fault(item: ItemContent) -> str | None:
    labels = [choice.label.strip().casefold() for choice in item.choices]
    if len(labels) < 2:
        return "give at least two choices"
    if not all(labels):
        return "write each choice, or remove it"
    if len(set(labels)) < len(labels):
        return "two choices read the same: change one"
    if item.kind == "matching" and not all(choice.match.strip() for choice in item.choices):
        return "give each choice its partner"
    return _marks_fault(item) if item.kind in ("single", "multiple") else None


def _marks_fault(item: ItemContent) -> str | None:
    correct_count = sum(choice.is_correct for choice in item.choices)
    if correct_count == 0:
        return "mark the right choice"
    if item.kind == "single" and correct_count > 1:
        return "only one choice may be right, or make it a multiple choice"
    return None


def _spec_fault(item: ItemContent) -> str | None:
    if item.kind == "numeric":
        return None if item.spec.get("value") is not None else "give the right number"
    if item.kind == "short_text":
        return None if item.spec.get("accepted") else "give at least one accepted answer"
    gaps = item.spec.get("gaps") or []
    found = [int(number) for number in GAP.findall(item.prompt)]
    if not found:
        return "mark a gap in the text by {{1}}"
    if sorted(found) != list(range(1, len(gaps) + 1)):
        return "number the gaps {{1}}, {{2}} … once each, with accepted answers for each"
    return None if all(gap.get("accepted") for gap in gaps) else "give accepted answers for each gap"


def item_version_of(content: ItemContent, known: dict[int, ItemContent]) -> int:
    """The version whose content this is, or the next: what was published is never another thing under its number."""
    same = [version for version, other in known.items() if other == content]
    return max(same) if same else max(known, default=0) + 1


def draw(draws: Sequence[tuple[int, Sequence[Thing]]], dice: random.Random) -> list[Thing] | None:
    """`count` of each draw's candidates at random, nothing twice; None where that can't be.

    A draw that took what another one needs gives it up for something else (augmenting paths), so a way is found
    whenever there is one.
    """
    options = [dice.sample(list(candidates), len(candidates)) for _, candidates in draws]
    slots = [number for number, (count, _) in enumerate(draws) for _ in range(count)]
    slot_of: dict[Thing, int] = {}

    def place(slot: int, tried: set[Thing]) -> bool:
        for thing in options[slots[slot]]:
            if thing in tried:
                continue
            tried.add(thing)
            if thing not in slot_of or place(slot_of[thing], tried):
                slot_of[thing] = slot
                return True
        return False

    if not all(place(slot, set()) for slot in range(len(slots))):
        return None
    return sorted(slot_of, key=lambda thing: slot_of[thing])

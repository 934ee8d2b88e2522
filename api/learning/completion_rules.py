"""What finishes a course, and how much of a video was watched: plain values in, decisions out."""

from collections.abc import Sequence
from dataclasses import dataclass

FASTEST = 16
"""The highest rate of playing that engagement takes."""
TAIL_S = 1.0
"""Players stop a little before the end."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A course's completion rule, as its version has it."""

    rule: str = "all"
    minimum_percent: int | None = None
    minimum_watch_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A module of the version, and how far somebody is in it."""

    kind: str
    weight: int
    percent: int
    is_done: bool
    best_score: int | None = None


def is_finished(rule: Rule, steps: Sequence[Step]) -> bool:
    """`all`: each module. `weighted`: modules that together weigh enough. `minimum_score`: the mean of the quizzes'
    best attempts, one that was not taken counting nothing; other modules are offered, not asked for.
    """
    if rule.rule == "weighted":
        whole = sum(step.weight for step in steps)
        done = sum(step.weight for step in steps if step.is_done)
        return whole > 0 and 100 * done >= (rule.minimum_percent or 100) * whole
    if rule.rule == "minimum_score":
        scores = [step.best_score or 0 for step in steps if step.kind == "quiz"]
        return bool(scores) and sum(scores) >= (rule.minimum_percent or 100) * len(scores)
    return bool(steps) and all(step.is_done for step in steps)


def video_percent(sent: int, *, watched_s: float, duration_s: float, minimum: int) -> int:
    """What a claim of having seen a video whole is worth: 100 only once enough of it was really played."""
    if 100 * (watched_s + TAIL_S) >= minimum * duration_s:
        return sent
    return min(sent, 99, watched_percent(watched_s, duration_s))


def watched_percent(watched_s: float, duration_s: float) -> int:
    return min(100, int(100 * watched_s / duration_s)) if duration_s > 0 else 100


def believable_watch(watched_s: float, elapsed_s: float) -> float:
    """Nobody has played more than the time since they enrolled allows, at the fastest rate."""
    return min(watched_s, max(0.0, elapsed_s) * FASTEST)

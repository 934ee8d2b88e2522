"""What finishes a course: plain values in, decisions out."""

from collections.abc import Sequence
from dataclasses import dataclass


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

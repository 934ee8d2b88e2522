"""Decisions about a person's way through a course: plain values in, plain values out."""

from datetime import datetime, timedelta

CLOCK_SKEW = timedelta(minutes=5)
"""How far a client's clock may be ahead."""


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

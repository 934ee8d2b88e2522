"""What a number means to a creator: plain values in, plain values out."""

from itertools import pairwise

REWATCHED = 1.25
"""A stretch is re-watched when its plays a viewer are this many times the video's median."""

DROP = 0.05
"""A drop-off is where this share of all viewers leaves between two stretches."""


def marks(segments: list[dict[str, float]]) -> list[tuple[str, int, float]]:
    """(kind, segment_s, viewer_share) of the strongest re-watched stretch and the steepest drop, if any."""
    if len(segments) < 3:
        return []
    plays = [s["play_count"] / s["viewer_count"] for s in segments]
    usual = sorted(plays)[len(plays) // 2]
    found: list[tuple[str, int, float]] = []
    peak = max(range(len(segments)), key=plays.__getitem__)
    if plays[peak] >= REWATCHED * usual:
        found.append(("re-watched", int(segments[peak]["segment_s"]), segments[peak]["viewer_share"]))
    falls = [a["viewer_share"] - b["viewer_share"] for a, b in pairwise(segments[:-1])]
    steepest = max(range(len(falls)), key=falls.__getitem__)
    if falls[steepest] >= DROP:
        after = segments[steepest + 1]
        found.append(("drop-off", int(after["segment_s"]), after["viewer_share"]))
    return found


def quiz_flag(answer_count: int, correct_share: float | None, discrimination: float | None) -> str:
    """'OK', or the first reason to look at an item; with few answers nothing is said."""
    if answer_count < 10 or correct_share is None:
        return "Too few answers"
    if discrimination is not None and discrimination < 0.15:
        return "Review: weak learners do as well as strong ones"
    if correct_share > 0.95:
        return "Review: nearly everybody is right"
    if correct_share < 0.30:
        return "Review: most are wrong"
    return "OK"

"""What a number means to a creator, and which units a manager compares: plain values in, plain values out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

REWATCHED = 1.25
"""A stretch is re-watched when its plays a viewer are this many times the video's median."""

DROP = 0.05
"""A drop-off is where this share of all viewers leaves between two stretches."""


def marks(segments: list[dict[str, float]]) -> list[tuple[str, int, float]]:
    """(kind, segment_s, viewer_share) of the strongest re-watched stretch and the steepest drop, if any."""
    if len(segments) < 3:
        return []
    plays = [s["play_count"] / s["viewer_count"] if s["viewer_count"] else 0.0 for s in segments]
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


FEWEST = 5
"""So many people are a group; fewer could be told from each other."""


def pooled(sizes: dict[str, int]) -> list[str]:
    """The groups that are shown as one: all that are too small, and while these are too few together the next one."""
    rest = sorted(sizes, key=lambda name: (sizes[name], name))
    together: list[str] = []
    while rest and (sizes[rest[0]] < FEWEST or 0 < sum(sizes[name] for name in together) < FEWEST):
        together.append(rest.pop(0))
    return together


def why_hidden(chosen: int, *, beside: dict[str, int], is_narrowed: bool) -> str | None:
    """The reason why a choice of learners is not shown, or None; `beside` has who one filter less would add.

    A group whose rest is tiny tells the rest by subtraction. Versions are left out of that: a version with three
    learners must not hide the one before it.
    """
    if is_narrowed and chosen < FEWEST:
        return f"Fewer than {FEWEST} learners match: their figures are not shown. Take away a filter."
    small = next((name for name, count in beside.items() if 0 < count < FEWEST), None)
    if small:
        return (
            f"Fewer than {FEWEST} learners are outside this {small}: its figures would tell theirs by subtraction."
            " Take away a filter."
        )
    return None


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


@dataclass(frozen=True, slots=True)
class Unit:
    id: str
    name: str
    parent_id: str | None


def paths(units: list[Unit]) -> list[list[int]]:
    """Of each unit the numbers of those above it from the top, with itself; a circle ends where it began."""
    at = {unit.id: number for number, unit in enumerate(units)}
    found = []
    for number in range(len(units)):
        path, here = [number], at.get(units[number].parent_id or "")
        while here is not None and here not in path:
            path.append(here)
            here = at.get(units[here].parent_id or "")
        found.append(path[::-1])
    return found


def compared(paths: list[list[int]], held: Iterable[int], chosen: Collection[int] | None) -> dict[int, int]:
    """To each unit with people the one under which it is told; those outside of the chosen ones are left out.

    Several chosen ones are told side by side. Of one, and of all, those are told side by side into which they first
    part: whoever leads one plant sees its halls, not one line for the plant.
    """
    if chosen is not None and len(chosen) > 1:
        nearest = {u: next((above for above in reversed(paths[u]) if above in chosen), None) for u in held}
        return {u: above for u, above in nearest.items() if above is not None}
    within = [u for u in held if chosen is None or any(above in chosen for above in paths[u])]
    if not within:
        return {}
    shared = 0
    shortest = min(len(paths[u]) for u in within)
    while shared < shortest and len({paths[u][shared] for u in within}) == 1:
        shared += 1
    return {u: paths[u][shared] if shared < len(paths[u]) else u for u in within}

"""How far a learner is in a package, from what the package keeps: plain values in, plain values out."""

import math
import re
from dataclasses import dataclass
from typing import Any

DONE_12 = ("passed", "completed")
SPAN_12 = re.compile(r"(\d{1,5}):(\d{1,2}):(\d{1,2}(?:\.\d{1,2})?)")
SPAN_2004 = re.compile(
    r"P(?=[\dT])(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?"
    r"(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?"
)
SECONDS = (365 * 86_400, 30 * 86_400, 86_400, 3600, 60, 1)
"""Of a year, a month and so on; no package counts years of learning."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`percent` is 100 only for who is done; `score_percent` where the package gives a score."""

    percent: int
    score_percent: int | None


def item_outcome(standard: str, item: dict[str, Any], cmi: dict[str, Any], *, is_finished: bool) -> Outcome:
    """Of one item. Where a package talks, it decides; where it doesn't, the learner's own word does."""
    if not cmi:
        return Outcome(100 if is_finished else 0, None)
    return _outcome_12(item, cmi) if standard == "scorm12" else _outcome_2004(item, cmi)


def package_percent(item_percents: list[int]) -> int:
    """Every item weighs the same; rounded down, so that 100 means all of it."""
    return sum(item_percents) // len(item_percents) if item_percents else 0


def _outcome_12(item: dict[str, Any], cmi: dict[str, Any]) -> Outcome:
    """SCORM 1.2: one status for both. A mastery score of the manifest overrules it where there is a score."""
    status = _text(cmi, "core", "lesson_status")
    raw = _number(cmi, "core", "score", "raw")
    mastery = item.get("mastery")
    is_done = status in DONE_12
    if mastery is not None and raw is not None and (is_done or status == "failed"):
        is_done = raw >= mastery
    return Outcome(100 if is_done else 0, _percent(raw))


def _outcome_2004(item: dict[str, Any], cmi: dict[str, Any]) -> Outcome:
    """SCORM 2004: done is who completed and did not fail. Thresholds of the manifest overrule what a package says."""
    scaled, measure = _number(cmi, "score", "scaled"), _number(cmi, "progress_measure")
    success, completion = _text(cmi, "success_status"), _text(cmi, "completion_status")
    if (mastery := item.get("mastery")) is not None and scaled is not None:
        success = "passed" if scaled * 100 >= mastery else "failed"
    if (threshold := item.get("completion_percent")) is not None and measure is not None:
        completion = "completed" if measure * 100 >= threshold else "incomplete"
    is_done = success == "passed" or (completion == "completed" and success != "failed")
    far = min(99, max(0, math.floor(measure * 100))) if measure is not None else 0
    score = _percent(scaled * 100) if scaled is not None else _percent(_number(cmi, "score", "raw"))
    return Outcome(100 if is_done else far, score)


def span_s(standard: str, told: object) -> float | None:
    """Seconds of a time that a package gives: SCORM 1.2's HHHH:MM:SS.SS, else an ISO 8601 duration; None for others."""
    form, units = (SPAN_12, SECONDS[3:]) if standard == "scorm12" else (SPAN_2004, SECONDS)
    found = form.fullmatch(told) if isinstance(told, str) else None
    return sum(float(part or 0) * unit for part, unit in zip(found.groups(), units, strict=True)) if found else None


@dataclass(frozen=True, slots=True)
class Visit:
    """What a package says of itself besides how far one is. `total_s` are the seconds of all visits, this one too."""

    total_s: float
    completion_status: str
    success_status: str
    has_suspend_data: bool


def visit_of(standard: str, cmi: dict[str, Any]) -> Visit:
    is_12 = standard == "scorm12"
    core: tuple[str, ...] = ("core",) if is_12 else ()
    names = [(*core, "lesson_status")] * 2 if is_12 else [("completion_status",), ("success_status",)]
    total = span_s(standard, _at(cmi, (*core, "total_time"))) or 0.0
    return Visit(total, _text(cmi, *names[0])[:20], _text(cmi, *names[1])[:20], bool(_text(cmi, "suspend_data")))


def _at(cmi: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        cmi = cmi.get(name) if isinstance(cmi, dict) else None
    return cmi


def _text(cmi: dict[str, Any], *path: str) -> str:
    found = _at(cmi, path)
    return found if isinstance(found, str) else ""


def _number(cmi: dict[str, Any], *path: str) -> float | None:
    """SCORM writes numbers as text."""
    found = _at(cmi, path)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    try:
        number = float(found)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _percent(number: float | None) -> int | None:
    return round(min(100.0, max(0.0, number))) if number is not None else None

"""The tables of a course's page as CSV that a spreadsheet opens without running anything in it."""

from collections.abc import Callable, Iterator
from typing import Any

from api.core.spreadsheet import csv_text
from api.reports.course_schemas import ChoiceShare, CourseDetail, Table

Lines = Iterator[list[Any]]


def course_csv(detail: CourseDetail, table: Table) -> tuple[bytes, int]:
    """(UTF-8 with a byte order mark, so that Excel shows names right; how many lines below the header)."""
    header, lines = TABLES[table]
    found = list(lines(detail))
    return csv_text([header, *found]).encode("utf-8-sig"), len(found)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _funnel(detail: CourseDetail) -> Lines:
    for step in detail.funnel:
        yield [step.step, step.kind, step.person_count, _percent(step.share), step.lost, _percent(step.lost_share)]


def _retention(detail: CourseDetail) -> Lines:
    for video in detail.retention:
        found = {mark.segment_s: mark.kind for mark in video.marks}
        for one in video.segments:
            share = _percent(one.viewer_share)
            mark = found.get(one.segment_s)
            yield [video.module.name, one.segment_s, one.viewer_count, share, one.play_count, mark]


def _items(detail: CourseDetail) -> Lines:
    """One line a choice, the item's own figures on each; an item without choices has one line."""
    for item in detail.quiz_items:
        shares = (item.correct_share, item.points_share, item.upper_correct_share, item.lower_correct_share)
        minds = (item.first_correct_share, item.changed_share, item.wrong_to_right_share, item.right_to_wrong_share)
        told = [item.module_title, item.prompt, item.item_version, item.is_shown, item.kind, item.answer_count]
        told += [*map(_percent, shares), item.discrimination, *map(_percent, minds)]
        told += [_percent(item.last_correct_share), _rounded(item.median_s), _rounded(item.p90_s), item.flag]
        choices: list[ChoiceShare | None] = [*item.choices] or [None]
        for choice in choices:
            chosen = choice and [choice.label, choice.is_correct, *map(_percent, _of(choice))]
            yield [*told, *(chosen or [None] * 5)]


def _of(choice: Any) -> tuple[float | None, ...]:
    return choice.share, choice.upper_share, choice.lower_share


def _breakdown(detail: CourseDetail) -> Lines:
    for group in detail.breakdown:
        counts = [group.learner_count, group.started_count, group.completed_count]
        yield [group.by, group.name, *counts, _percent(group.completion_rate), _rounded(group.median_days)]


def _comments(detail: CourseDetail) -> Lines:
    for one in detail.comments:
        yield [one.written_on, one.version, one.stars, one.comment]


TABLES: dict[Table, tuple[list[str], Callable[[CourseDetail], Lines]]] = {
    "funnel": (["Step", "Kind", "People", "% of enrolled", "Fewer than before", "% fewer"], _funnel),
    "retention": (["Video", "From second", "Viewers", "% of viewers", "Plays", "Mark"], _retention),
    "items": (
        [
            *("Quiz", "Item", "Item version", "In this version", "Kind", "First answers"),
            *("% correct", "% of points", "% correct upper third", "% correct lower third", "Discrimination"),
            *("% right at first choice", "% changed", "% wrong to right", "% right to wrong", "% right at last"),
            *("Median seconds", "P90 seconds", "Flag"),
            *("Choice", "Is correct", "% chose it", "% of upper third", "% of lower third"),
        ],
        _items,
    ),
    "breakdown": (
        ["By", "Group", "Learners", "Started", "Completed", "% completed", "Median days to complete"],
        _breakdown,
    ),
    "comments": (["Day (UTC)", "Version", "Stars", "Comment"], _comments),
}

"""The figures of the learners chosen, from the temporary tables of course_queries."""

from itertools import groupby
from typing import Any

from api.reports import course_queries as queries
from api.reports import quiz_queries
from api.reports.duck import Cursor, rows
from api.reports.rules import marks, quiz_flag


def choose(cursor: Cursor, parameters: dict[str, Any]) -> None:
    """Makes the tables `crowd`, `chosen`, `shown`, `finished`, `film` and `played` for this choice."""
    for statement in (queries.CROWD, queries.CHOSEN, queries.SHOWN, queries.FINISHED, queries.FILM, queries.PLAYED):
        rows(cursor, statement, parameters)


def kpis(cursor: Cursor, parameters: dict[str, Any]) -> dict[str, Any]:
    series = rows(cursor, queries.SERIES, parameters)
    found: dict[str, Any] = {
        "median_watched_share": rows(cursor, queries.WATCHED)[0]["share"],
        "first_try_pass_rate": rows(cursor, quiz_queries.PASSED, parameters)[0]["pass_rate"],
        "median_days_to_complete": rows(cursor, queries.DURATIONS)[0]["median"],
    }
    for name, weeks in (("learners", 1), ("completion_rate", 4)):
        points = [{"day": row["day"], "value": row[name]} for row in series]
        now, before = points[-1]["value"], points[-1 - weeks]["value"]
        change = None if now is None or before is None else now - before
        found[name] = {"value": now, "change": change, "series": points}
    return found


def completion_time(cursor: Cursor) -> dict[str, Any]:
    return {**rows(cursor, queries.DURATIONS)[0], "histogram": rows(cursor, queries.HISTOGRAM)}


def retention(cursor: Cursor) -> list[dict[str, Any]]:
    videos = []
    for module_id, group in groupby(rows(cursor, queries.RETENTION), key=lambda row: row["module_id"]):
        segments = list(group)
        first = segments[0]
        videos.append(
            {
                "module": {"id": module_id, "name": first["title"]},
                "duration_s": first["duration_s"],
                "viewer_count": first["audience"],
                "segments": segments,
                "marks": [
                    {"kind": kind, "segment_s": at, "viewer_share": share} for kind, at, share in marks(segments)
                ],
            }
        )
    return videos


def quiz_items(cursor: Cursor, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    for statement in (quiz_queries.MET, quiz_queries.LAST, quiz_queries.WORDED):
        rows(cursor, statement, parameters)
    choices: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for choice in rows(cursor, quiz_queries.CHOICES):
        choices.setdefault((choice["item_id"], choice["item_version"]), []).append(choice)
    return [
        {
            **item,
            "choices": choices.get((item["item_id"], item["item_version"]), []),
            "flag": quiz_flag(item["answer_count"], item["correct_share"], item["discrimination"]),
        }
        for item in rows(cursor, quiz_queries.ITEMS)
    ]


def compare(cursor: Cursor, parameters: dict[str, Any], is_hidden: bool) -> dict[str, Any]:
    """One side of a comparison; it leaves the tables as they are for its version."""
    if is_hidden:
        nothing = ("learner_count", "completion_rate", "median_days_to_complete", "first_try_pass_rate")
        empty = dict.fromkeys(nothing) | {"funnel": [], "retention": []}
        return {"version": parameters["version"], "is_hidden": True, **empty}
    choose(cursor, parameters)
    funnel = rows(cursor, queries.FUNNEL)
    return {
        "version": parameters["version"],
        "is_hidden": False,
        "learner_count": funnel[0]["person_count"],
        "completion_rate": funnel[-1]["share"],
        "median_days_to_complete": rows(cursor, queries.DURATIONS)[0]["median"],
        "first_try_pass_rate": rows(cursor, quiz_queries.PASSED, parameters)[0]["pass_rate"],
        "funnel": funnel,
        "retention": retention(cursor),
    }

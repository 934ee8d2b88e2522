"""A creator's numbers: funnel, retention and quiz items of their own courses, from one lake snapshot."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from api.core.errors import NotFound
from api.reports import queries
from api.reports.lake_reader import Cursor, LakeReader, rows
from api.reports.rules import marks, quiz_flag
from api.reports.schemas import CourseAnalytics

STEPS = {
    "enrolled": "Enrolled",
    "started": "Started",
    "half_done": "Half done",
    "quiz_taken": "Quiz taken",
    "completed": "Completed",
}


async def course_analytics(
    lake: LakeReader,
    *,
    own: Sequence[uuid.UUID] | None,
    course_id: uuid.UUID | None,
    today: date | None = None,
) -> CourseAnalytics:
    """These courses (None: all) with their headline, and one of them in detail; another one is not found."""
    parameters = {
        "is_all": own is None,
        "own": [str(one) for one in own or ()],
        "course_id": str(course_id),
        "today": today or datetime.now(UTC).date(),
    }

    def work(cursor: Cursor, snapshot: int) -> dict[str, Any]:
        listed = rows(cursor, queries.OWN_COURSES, parameters)
        as_of = cursor.execute(queries.AS_OF.format(mart=queries.FACTS)).fetchone()
        chosen = next((course for course in listed if course["course_id"] == str(course_id)), None)
        if course_id and chosen is None:
            raise NotFound("You have no course with this id, or the first build after its creation is not done.")
        return {
            "freshness": {
                "snapshot_id": snapshot,
                "as_of_xid": int(as_of[0]) if as_of else 0,
                "tail_events": 0,
                "read_at": datetime.now(UTC),
            },
            "courses": [{**course, "course": _reference(course)} for course in listed],
            "detail": chosen and _detail(cursor, chosen, parameters),
        }

    return CourseAnalytics.model_validate(await lake.read(work))


def _reference(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["course_id"], "name": row["title"]}


def _detail(cursor: Cursor, course: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    funnel = rows(cursor, queries.COURSE_FUNNEL, parameters)
    return {
        "course": _reference(course),
        "kpis": _kpis(cursor, parameters),
        "funnel": [{**row, "step": STEPS.get(row["step"], row["step"])} for row in funnel],
        "retention": _retention(rows(cursor, queries.COURSE_SEGMENTS, parameters)),
        "quiz_items": [_quiz_item(row) for row in rows(cursor, queries.COURSE_QUIZ_ITEMS, parameters)],
    }


def _kpis(cursor: Cursor, parameters: dict[str, Any]) -> dict[str, Any]:
    summary = (rows(cursor, queries.COURSE_SUMMARY, parameters) or [{}])[0]
    series = rows(cursor, queries.COURSE_SERIES, parameters)
    attempts = summary.get("first_attempt_count") or 0
    kpis: dict[str, Any] = {
        "median_watched_share": summary.get("median_watched_share"),
        "first_try_pass_rate": summary["first_attempt_passed_count"] / attempts if attempts else None,
        "median_days_to_complete": summary.get("median_days_to_complete"),
    }
    for name, weeks in (("learners", 1), ("completion_rate", 4)):
        points = [{"day": row["day"], "value": row[name]} for row in series]
        now, before = points[-1]["value"], points[-1 - weeks]["value"]
        change = None if now is None or before is None else now - before
        kpis[name] = {"value": now, "change": change, "series": points}
    return kpis


def _retention(segments_of_all: list[dict[str, Any]]) -> list[dict[str, Any]]:
    videos = []
    for module_id, group in groupby(segments_of_all, key=lambda row: row["module_id"]):
        segments = list(group)
        first = segments[0]
        videos.append(
            {
                "module": {"id": module_id, "name": first["title"]},
                "duration_s": first["duration_s"],
                "viewer_count": max(round(s["viewer_count"] / s["viewer_share"]) for s in segments),
                "segments": segments,
                "marks": [
                    {"kind": kind, "segment_s": at, "viewer_share": share} for kind, at, share in marks(segments)
                ],
            }
        )
    return videos


def _quiz_item(row: dict[str, Any]) -> dict[str, Any]:
    flag = quiz_flag(row["answer_count"], row["correct_share"], row["discrimination"])
    return {**row, "choices": json.loads(row["choices"]), "flag": flag}

"""A creator's numbers of their own courses, for any choice of learners, from one lake snapshot."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.errors import NotFound
from api.learning import ratings
from api.reports import course_queries as queries
from api.reports.course_schemas import CourseAnalytics
from api.reports.duck import Cursor, rows
from api.reports.figures import choose, compare, completion_time, kpis, quiz_items, retention
from api.reports.lake_reader import LakeReader
from api.reports.rules import FEWEST, pooled, why_hidden

PRIVACY = f"Figures of fewer than {FEWEST} people are not shown; small groups are shown as one."
PEOPLE_FILTERS = ("unit", "country", "cohort")
ASKED = ("course_id", "today", "version", *PEOPLE_FILTERS, "compare")
"""What the detail of a course depends on beside the snapshot."""


@dataclass(frozen=True, slots=True)
class CourseFilters:
    """Which learners; None means all. `compare` is the number of a second version."""

    version: int | None = None
    unit: uuid.UUID | None = None
    country: str | None = None
    cohort: str | None = None
    compare: int | None = None


async def course_analytics(
    lake: LakeReader,
    reader: AsyncConnection,
    *,
    own: Sequence[uuid.UUID] | None,
    course_id: uuid.UUID | None,
    filters: CourseFilters = CourseFilters(),
    today: date | None = None,
) -> CourseAnalytics:
    """These courses (None: all) with their headline, and one of them in detail; another one is not found."""
    parameters = {
        "is_all": own is None,
        "own": [str(one) for one in own or ()],
        "course_id": str(course_id),
        "today": today or datetime.now(UTC).date(),
        **asdict(filters),
        "unit": filters.unit and str(filters.unit),
    }

    def work(cursor: Cursor, snapshot: int) -> dict[str, Any]:
        listed = rows(cursor, queries.OWN_COURSES, parameters)
        as_of = cursor.execute(queries.AS_OF).fetchone()
        chosen = next((course for course in listed if course["course_id"] == str(course_id)), None)
        if course_id and chosen is None:
            raise NotFound("You have no course with this id, or the first build after its creation is not done.")
        freshness = {"lake_snapshot": snapshot, "as_of_xid": int(as_of[0]) if as_of else 0, "tail_events": 0}
        return {
            "freshness": {**freshness, "read_at": datetime.now(UTC)},
            "privacy": PRIVACY,
            "courses": [{**course, "course": _reference(course)} for course in listed],
            "detail": chosen
            and {
                "course": _reference(chosen),
                **lake.remembered(
                    (snapshot, course_id, filters, parameters["today"]), lambda: _detail(cursor, parameters)
                ),
            },
        }

    found = await lake.read(work)
    if (detail := found["detail"]) and not detail["hidden"] and not _is_narrowed(parameters):
        detail["comments"] = await ratings.comments(
            reader, course_id=uuid.UUID(str(course_id)), version=filters.version
        )
    return CourseAnalytics.model_validate(found)


def _reference(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["course_id"], "name": row["title"]}


def _is_narrowed(parameters: dict[str, Any]) -> bool:
    """Whether it is about some of the people: then a comment could be laid to somebody's door."""
    return any(parameters[name] is not None for name in PEOPLE_FILTERS)


def _detail(cursor: Cursor, parameters: dict[str, Any]) -> dict[str, Any]:
    for statement in queries.LOAD:
        rows(cursor, statement, parameters)
    versions = rows(cursor, queries.VERSIONS)
    parameters = _settled(parameters, versions)
    hidden = _why_hidden(cursor, parameters)
    detail: dict[str, Any] = {
        "versions": versions,
        "options": {by: _options(cursor, by) for by in PEOPLE_FILTERS},
        "chosen": {name: parameters[name] for name in ("version", *PEOPLE_FILTERS)},
        "hidden": hidden,
        "comments": [],
        "comparison": [],
    }
    nothing: dict[str, Any] = {"kpis": None, "completion_time": None, "ratings": None}
    nothing |= {"funnel": [], "retention": [], "quiz_items": [], "breakdown": []}
    detail |= nothing if hidden else _figures(cursor, parameters)
    if parameters["compare"] is not None:
        both = ({**parameters, "version": number} for number in (parameters["version"], parameters["compare"]))
        detail["comparison"] = [compare(cursor, each, _why_hidden(cursor, each) is not None) for each in both]
    return detail


def _settled(parameters: dict[str, Any], versions: list[dict[str, Any]]) -> dict[str, Any]:
    """Versions that there are; a comparison with no version named is with the current one."""
    version, other = parameters["version"], parameters["compare"]
    known = {row["number"] for row in versions}
    if missing := [number for number in (version, other) if number is not None and number not in known]:
        raise NotFound(f"This course has no published version {missing[0]}; it has {sorted(known)}.")
    if other is not None and version is None:
        newest_first = sorted(versions, key=lambda row: (row["is_current"], row["number"]), reverse=True)
        version = newest_first[0]["number"]
    return {**parameters, "version": version}


def _why_hidden(cursor: Cursor, parameters: dict[str, Any]) -> str | None:
    sizes = rows(cursor, queries.SIZES, parameters)[0]
    beside = {name: sizes[f"beside_{name}"] for name in PEOPLE_FILTERS if parameters[name] is not None}
    is_narrowed = parameters["version"] is not None or _is_narrowed(parameters)
    return why_hidden(sizes["chosen"], beside=beside, is_narrowed=is_narrowed)


def _options(cursor: Cursor, by: str) -> list[dict[str, Any]]:
    key, name = queries.GROUPS[by]
    groups = rows(cursor, queries.GROUP_SIZES.format(key=key, name=name, table="learner"))
    return [group for group in groups if group["learner_count"] >= FEWEST and group["key"] != queries.UNKNOWN]


def _figures(cursor: Cursor, parameters: dict[str, Any]) -> dict[str, Any]:
    choose(cursor, parameters)
    return {
        "kpis": kpis(cursor, parameters),
        "funnel": rows(cursor, queries.FUNNEL),
        "retention": retention(cursor),
        "quiz_items": quiz_items(cursor, parameters),
        "completion_time": completion_time(cursor),
        "breakdown": [group for by in queries.GROUPS for group in _groups(cursor, by)],
        "ratings": _ratings(cursor, parameters),
    }


def _groups(cursor: Cursor, by: str) -> list[dict[str, Any]]:
    """Each group with its figures, small ones pooled; a small version keeps its line, without figures."""
    key, name = queries.GROUPS[by]
    sizes = {
        row["key"]: row["learner_count"]
        for row in rows(cursor, queries.GROUP_SIZES.format(key=key, name=name, table="chosen"))
    }
    query = queries.GROUP_FIGURES.format(key=key, name=name)
    groups = rows(cursor, query, {"pooled": [] if by == "version" else pooled(sizes)})
    order = (lambda g: (g["key"] is None, g["key"])) if by in ("cohort", "version") else _by_size
    return [_group(by, group) for group in sorted(groups, key=order)]


def _by_size(group: dict[str, Any]) -> tuple[bool, int, str]:
    return group["key"] is None, -group["learner_count"], group["name"]


def _group(by: str, group: dict[str, Any]) -> dict[str, Any]:
    is_hidden = group["learner_count"] < FEWEST
    words = {"by": by, "key": group["key"], "name": group["name"], "is_hidden": is_hidden}
    return {name: None if is_hidden else value for name, value in group.items()} | words


def _ratings(cursor: Cursor, parameters: dict[str, Any]) -> dict[str, Any]:
    """Of some of the people, an average of very few would be theirs."""
    found = rows(cursor, queries.RATING, parameters)[0]
    if _is_narrowed(parameters) and found["count"] < FEWEST:
        return {"count": 0, "average": None, "by_stars": [0] * 5}
    return found

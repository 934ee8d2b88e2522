"""The numbers of those whom the caller sees now: the mart of one lake snapshot, and the tail of newer events."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.errors import ProblemError
from api.people.rules import TeamMember
from api.people.sight import Choice, seen
from api.reports import queries
from api.reports.lake_reader import Cursor, LakeReader, rows
from api.reports.schemas import ComplianceReport, Freshness, TeamProgress

KPIS = {"compliance_rate": 4, "overdue": 1, "due_soon": 1, "completions": 1}
"""Which number, and how many weeks back it is compared with."""

TAIL_SCHEMA = pa.schema(
    {
        "event_id": pa.string(),
        "event_type": pa.string(),
        "person_id": pa.string(),
        "occurred_at": pa.timestamp("us", "UTC"),
        "course_id": pa.string(),
        "enrollment_id": pa.string(),
        "course_percent": pa.int32(),
        "score_percent": pa.int32(),
    }
)


class NotYet(ProblemError):
    status = 422
    title = "This day has not been yet"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the caller narrows the report to; None means all, and today for `as_of`."""

    due_from: date | None = None
    due_to: date | None = None
    team: str | None = None
    course_id: uuid.UUID | None = None
    status: str | None = None
    person_id: uuid.UUID | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class View:
    """Everything one report is computed from, and which state that is."""

    team: pa.Table
    mart: pa.Table
    courses: pa.Table
    tail: pa.Table
    freshness: Freshness


async def _view(lake: LakeReader, sight: AsyncConnection, choice: Choice, mart_name: str) -> View:
    members = await seen(sight, choice)
    team = _team_table(members)

    def marts(cursor: Cursor, snapshot: int) -> tuple[pa.Table, pa.Table, int, int]:
        cursor.register("team", team)
        mart = cursor.execute(queries.MART.format(mart=mart_name)).to_arrow_table()
        courses = cursor.execute(queries.COURSES).to_arrow_table()
        as_of = cursor.execute(queries.AS_OF.format(mart=mart_name)).fetchone()
        return mart, courses, int(as_of[0]) if as_of else 0, snapshot

    mart, courses, as_of_xid, snapshot = await lake.read(marts)
    parameters = {"people": [member.person_id for member in members], "as_of_xid": str(as_of_xid)}
    newer = (await sight.execute(text(queries.TAIL), parameters)).mappings().all()
    tail = pa.Table.from_pylist([dict(row) for row in newer], schema=TAIL_SCHEMA)
    freshness = Freshness(
        snapshot_id=snapshot, as_of_xid=as_of_xid, tail_events=tail.num_rows, read_at=datetime.now(UTC)
    )
    return View(team, mart, courses, tail, freshness)


def _team_table(members: Sequence[TeamMember]) -> pa.Table:
    names = ("display_name", "org_unit_name", "job_title", "depth", "via")
    columns: dict[str, list[Any]] = {name: [getattr(member, name) for member in members] for name in names}
    return pa.table({"person_id": [str(member.person_id) for member in members], **columns})


def _prepare(cursor: Cursor, view: View) -> None:
    for name in ("team", "mart", "courses", "tail"):
        cursor.register(name, getattr(view, name))
    cursor.execute(queries.GONE)
    cursor.execute(queries.REVOKED)
    cursor.execute(queries.ADVANCES)


async def compliance_report(
    lake: LakeReader,
    sight: AsyncConnection,
    *,
    filters: Filters,
    choice: Choice,
    limit: int | None = 500,
) -> ComplianceReport:
    """Who has to have learned what and has, of those whom the caller of `sight` sees; `limit` None gives every item.

    For a past day (`filters.as_of`): the same people, what was true of them on that day as we know it now.
    """
    view = await _view(lake, sight, choice, queries.OBLIGATIONS)
    today = datetime.now(UTC).date()
    if filters.as_of and filters.as_of > today:
        raise NotYet("Give today or a day before it; due days of the future are in `due_from` and `due_to`.")
    parameters = {
        "today": filters.as_of or today,
        "as_of": filters.as_of,
        "due_from": filters.due_from,
        "due_to": filters.due_to,
        "team": filters.team,
        "course_id": filters.course_id and str(filters.course_id),
        "person_id": filters.person_id and str(filters.person_id),
        "status": filters.status,
        "limit": limit,
    }

    def work(cursor: Cursor) -> dict[str, Any]:
        _prepare(cursor, view)
        rows(cursor, queries.OBLIGATION, parameters)
        rows(cursor, queries.WEEKS, parameters)
        rows(cursor, queries.STATE)
        items = rows(cursor, queries.ITEMS, parameters)
        return {
            "kpis": _kpis(rows(cursor, queries.SERIES)),
            "trend": rows(cursor, queries.TREND),
            "matrix": rows(cursor, queries.MATRIX),
            "total": items[0]["total"] if items else 0,
            "items": [_named(item) for item in items],
        }

    found = await lake.compute(work)
    required = set(view.mart.column("course_id").to_pylist())
    courses = [
        {"id": row["course_id"], "name": row["title"]}
        for row in view.courses.to_pylist()
        if row["course_id"] in required
    ]
    teams = sorted(set(view.team.column("org_unit_name").to_pylist()))
    return ComplianceReport.model_validate(
        {**found, "freshness": view.freshness, "teams": teams, "courses": sorted(courses, key=lambda c: c["name"])}
    )


def _kpis(series: list[dict[str, Any]]) -> dict[str, Any]:
    kpis = {}
    for name, weeks in KPIS.items():
        points = [{"day": row["day"], "value": row[name]} for row in series]
        now, before = points[-1]["value"], points[-1 - weeks]["value"]
        change = None if now is None or before is None else now - before
        kpis[name] = {"value": now, "change": change, "series": points[-13:]}
    return kpis


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """Person and course as references."""
    return {
        **row,
        "person": {"id": row["person_id"], "name": row["person"]},
        **({"course": {"id": row["course_id"], "name": row["course"]}} if "course" in row else {}),
    }


async def team_progress(
    lake: LakeReader,
    sight: AsyncConnection,
    *,
    filters: Filters,
    choice: Choice,
    limit: int = 500,
) -> TeamProgress:
    """Everybody whom the caller of `sight` sees with what they are enrolled in, the latest activity first."""
    view = await _view(lake, sight, choice, queries.ENROLLMENTS)
    parameters = {
        "course_id": filters.course_id and str(filters.course_id),
        "person_id": filters.person_id and str(filters.person_id),
        "status": filters.status,
        "limit": limit,
    }

    def work(cursor: Cursor) -> dict[str, Any]:
        _prepare(cursor, view)
        rows(cursor, queries.ENROLLMENT)
        items = rows(cursor, queries.TEAM_ENROLLMENTS, parameters)
        people = rows(cursor, queries.TEAM_PEOPLE)
        return {
            "people": [_named(person) for person in people],
            "total": items[0]["total"] if items else 0,
            "items": [_named(item) for item in items],
        }

    return TeamProgress.model_validate({**await lake.compute(work), "freshness": view.freshness})

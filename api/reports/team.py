"""The numbers of those whom the caller sees now: the mart of one lake snapshot, and the tail of newer events."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy.ext.asyncio import AsyncConnection

from api.people.sight import Choice, seen
from api.reports import queries
from api.reports.duck import Cursor, rows
from api.reports.evidence import evidence
from api.reports.filters import Filters
from api.reports.handed import tail_table, team_table
from api.reports.lake_reader import LakeReader
from api.reports.schemas import ComplianceReport, TeamProgress
from api.reports.snapshots import Snapshot

KPIS = {"compliance_rate": 4, "overdue": 1, "due_soon": 1, "completions": 1}
"""Which number, and how many weeks back it is compared with."""


@dataclass(frozen=True, slots=True)
class View:
    """Everything one report is computed from, and which state that is."""

    team: pa.Table
    mart: pa.Table
    courses: pa.Table
    tail: pa.Table
    as_of_xid: int
    snapshot: Snapshot

    def freshness(self, found: dict[str, Any]) -> dict[str, Any]:
        """With the evidence in `found`."""
        told = self.snapshot.evidence(
            as_of_xid=self.as_of_xid, tail_events=self.tail.num_rows, read_at=datetime.now(UTC)
        )
        return told | found


async def _view(lake: LakeReader, sight: AsyncConnection, choice: Choice, mart_name: str, number: int | None) -> View:
    """Of the snapshot with this number, else of now; whom the caller sees is of now in both cases."""
    earlier = None if number is None else await lake.snapshots.find(number)
    members = await seen(sight, choice)
    team = team_table(members)

    def marts(cursor: Cursor, snapshot: int) -> tuple[pa.Table, pa.Table, int, int]:
        cursor.register("team", team)
        mart = cursor.execute(queries.MART.format(mart=mart_name)).to_arrow_table()
        courses = cursor.execute(queries.COURSES).to_arrow_table()
        as_of = cursor.execute(queries.AS_OF.format(mart=mart_name)).fetchone()
        return mart, courses, int(as_of[0]) if as_of else 0, snapshot

    mart, courses, as_of_xid, lake_snapshot = await lake.read(marts, earlier)
    snapshot = earlier or await lake.snapshots.take(lake_snapshot)
    people = [member.person_id for member in members]
    tail = await tail_table(sight, people, as_of_xid=as_of_xid, snapshot=snapshot)
    return View(team, mart, courses, tail, as_of_xid, snapshot)


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
    snapshot: int | None = None,
) -> ComplianceReport:
    """Who has to have learned what and has, of those whom the caller of `sight` sees; `limit` None gives every item.
    `snapshot` is the number of an earlier answer, to have it again.

    For a past day (`filters.as_of`): the same people, what was true of them on that day as we know it now.
    """
    view = await _view(lake, sight, choice, queries.OBLIGATIONS, snapshot)
    parameters = filters.parameters(view.snapshot, limit)

    def work(cursor: Cursor) -> dict[str, Any]:
        _prepare(cursor, view)
        rows(cursor, queries.OBLIGATION, parameters)
        rows(cursor, queries.WEEKS, parameters)
        rows(cursor, queries.STATE)
        found = evidence(cursor, "compliance", queries.ITEM, parameters)
        items = rows(cursor, queries.ITEMS, parameters)
        return {
            "freshness": view.freshness(found),
            "kpis": _kpis(rows(cursor, queries.SERIES)),
            "trend": rows(cursor, queries.TREND),
            "matrix": rows(cursor, queries.MATRIX),
            "total": found["row_count"],
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
        {**found, "teams": teams, "courses": sorted(courses, key=lambda c: c["name"])}
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
    snapshot: int | None = None,
) -> TeamProgress:
    """Everybody whom the caller of `sight` sees with what they are enrolled in, the latest activity first."""
    view = await _view(lake, sight, choice, queries.ENROLLMENTS, snapshot)
    parameters = filters.parameters(view.snapshot, limit)

    def work(cursor: Cursor) -> dict[str, Any]:
        _prepare(cursor, view)
        rows(cursor, queries.ENROLLMENT)
        found = evidence(cursor, "progress", queries.TEAM_ENROLLMENT, parameters)
        items = rows(cursor, queries.TEAM_ENROLLMENTS, parameters)
        people = rows(cursor, queries.TEAM_PEOPLE)
        return {
            "freshness": view.freshness(found),
            "people": [_named(person) for person in people],
            "total": found["row_count"],
            "items": [_named(item) for item in items],
        }

    return TeamProgress.model_validate(await lake.compute(work))

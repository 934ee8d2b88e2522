"""The numbers of those whom the caller sees now: the mart of one lake snapshot, and the tail of newer events."""

from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from api.people.sight import Choice
from api.reports import published_queries as published
from api.reports.duck import Cursor, rows
from api.reports.evidence import checksum
from api.reports.filters import Filters
from api.reports.fresh import compliance_rows, progress_rows
from api.reports.lake_reader import LakeReader
from api.reports.schemas import ComplianceReport, Freshness, TeamProgress
from api.reports.units import Shown, shown
from api.reports.views import View, view

Answer = TypeVar("Answer", ComplianceReport, TeamProgress)
KPIS = {"compliance_rate": 4, "overdue": 1, "due_soon": 1, "completions": 1}
"""Which number, and how many weeks back it is compared with."""

MOST_LINES = 24
"""Of a trend: with more nobody tells them apart, and a company has hundreds of units side by side."""


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
    found = await view(lake, sight, choice, "compliance", snapshot)
    parameters = filters.parameters(found.snapshot, limit)
    units = shown(found.sight, filters)

    async def answer() -> ComplianceReport:
        return ComplianceReport.model_validate(
            await lake.compute(lambda cursor: _compliance(cursor, found, units, parameters))
        )

    told: ComplianceReport = await lake.published.answers.get(("compliance", found.key, filters, limit), answer)
    return _now(told, found)


def _compliance(cursor: Cursor, found: View, units: Shown, parameters: dict[str, Any]) -> dict[str, Any]:
    now, numbers = compliance_rows(cursor, found, units, parameters)
    for statement in (published.CUBE.format(now=now), published.STATE):
        rows(cursor, statement, numbers)
    told = rows(cursor, published.EVIDENCE, numbers)[0]
    matrix = rows(cursor, published.MATRIX.format(**found.tables()))
    items = rows(cursor, published.ITEMS.format(now=now, **found.tables()), numbers)
    return {
        "freshness": found.freshness({"row_count": told["row_count"], "checksum": checksum(told["total"])}),
        "kpis": _kpis(rows(cursor, published.SERIES)),
        "trend": _trend(rows(cursor, published.TREND), units),
        "matrix": [{**cell, **units.named(cell["unit"])} for cell in matrix],
        "total": told["row_count"],
        "items": [_named(item) for item in items],
        "units": units.listed,
        "teams": units.teams,
        "courses": found.book.courses,
    }


def _now(answer: Answer, found: View) -> Answer:
    """The same answer, asked for by this view: what it is computed from has not changed."""
    evidence = {"row_count": answer.freshness.row_count, "checksum": answer.freshness.checksum}
    return answer.model_copy(update={"freshness": Freshness.model_validate(found.freshness(evidence))})


def _trend(points: list[dict[str, Any]], units: Shown) -> list[dict[str, Any]]:
    """The lines of the units that are furthest behind today."""
    last: dict[int, float | None] = {point["unit"]: point["rate"] for point in points}
    known = sorted((rate, unit) for unit, rate in last.items() if rate is not None)
    kept = {unit for _, unit in known[:MOST_LINES]} if len(last) > MOST_LINES else set(last)
    return [{**point, **units.named(point["unit"])} for point in points if point["unit"] in kept]


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
    offset: int = 0,
    snapshot: int | None = None,
) -> TeamProgress:
    """Those whom the caller of `sight` sees, by name, with what they are enrolled in, the latest activity first."""
    found = await view(lake, sight, choice, "progress", snapshot)
    parameters = filters.parameters(found.snapshot, limit, offset)
    units = shown(found.sight, filters)

    async def answer() -> TeamProgress:
        return TeamProgress.model_validate(
            await lake.compute(lambda cursor: _progress(cursor, found, units, parameters))
        )

    told: TeamProgress = await lake.published.answers.get(("progress", found.key, filters, limit, offset), answer)
    return _now(told, found)


def _progress(cursor: Cursor, found: View, units: Shown, parameters: dict[str, Any]) -> dict[str, Any]:
    now, numbers = progress_rows(cursor, found, units, parameters)
    told = rows(cursor, published.TEAM_EVIDENCE.format(now=now), numbers)[0]
    items = rows(cursor, published.TEAM_ITEMS.format(now=now, **found.tables()), numbers)
    rows(cursor, published.CHOSEN.format(**found.tables()), numbers)
    people = rows(cursor, published.TEAM_PEOPLE.format(now=now, **found.tables()), numbers)
    return {
        "freshness": found.freshness({"row_count": told["row_count"], "checksum": checksum(told["total"])}),
        "people_total": people[0]["total"] if people else 0,
        "people": [_named(person) for person in people],
        "total": told["row_count"],
        "items": [_named(item) for item in items],
        "units": units.listed,
    }

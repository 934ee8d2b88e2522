"""Numbers for creators."""

import uuid
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.core.http import ReaderDep, SessionDep, problems
from api.courses.service import authored_ids
from api.identity.audit import record
from api.identity.deps import InsightDep
from api.reports import service
from api.reports.course_schemas import CourseAnalytics, Table
from api.reports.deps import LakeDep
from api.reports.schemas import ID

router = APIRouter(tags=["reports"])
Number = Annotated[int | None, Query(ge=1, le=1_000_000, examples=[2])]


def choose(
    version: Annotated[Number, Query(description="Number of a published version.")] = None,
    unit: Annotated[uuid.UUID | None, Query(description="Org unit the learners work in now.", examples=[ID])] = None,
    country: Annotated[str | None, Query(pattern=r"^[A-Za-z]{2}$", examples=["DE"])] = None,
    cohort: Annotated[str | None, Query(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-03"])] = None,
    compare: Annotated[Number, Query(description="A second version, to see beside the first.")] = None,
) -> service.CourseFilters:
    return service.CourseFilters(version, unit, country, cohort, compare)


FiltersDep = Annotated[service.CourseFilters, Depends(choose)]


async def _seen(
    me: InsightDep,
    lake: LakeDep,
    reader: ReaderDep,
    filters: FiltersDep,
    course_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
) -> CourseAnalytics:
    """Of the courses that the caller may see: officers and auditors of the whole company all, authors their own."""
    is_for_all = me.reach("officer", "auditor").everyone
    own = None if is_for_all else await authored_ids(reader, me.person_id)
    return await service.course_analytics(lake, reader, own=own, course_id=course_id, filters=filters)


AnalyticsDep = Annotated[CourseAnalytics, Depends(_seen)]


@router.get(
    "/course-analytics",
    operation_id="courseAnalytics",
    summary="How my courses do",
    responses=problems(401, 404),
)
async def course_analytics(found: AnalyticsDep) -> CourseAnalytics:
    """The courses that the caller owns or writes with somebody; all for officers and auditors of the whole company.

    With `course_id` one of them in detail, for the learners that the filters leave; without `version` those of every
    version, in the modules of the current one. Figures of fewer than 5 people are not shown.
    """
    return found


CSV = {"content": {"text/csv": {}}, "description": "The table as CSV, UTF-8 with a byte order mark"}


@router.get(
    "/course-analytics-export",
    operation_id="courseAnalyticsExport",
    summary="A table of how my course does, as CSV",
    response_class=Response,
    responses={200: CSV, **problems(401, 404)},
)
async def course_analytics_export(
    me: InsightDep,
    session: SessionDep,
    found: AnalyticsDep,
    filters: FiltersDep,
    course_id: Annotated[uuid.UUID, Query(examples=[ID])],
    table: Annotated[Table, Query()],
) -> Response:
    """What the page shows of the same choice of learners; a spreadsheet runs nothing in it."""
    detail = found.detail
    assert detail is not None
    content, count = service.course_csv(detail, table)
    asked = {name: value for name, value in asdict(filters).items() if value is not None}
    await record(
        session,
        action="reports.course_table_exported",
        actor=me,
        target_type="course",
        target_id=course_id,
        after={"table": table, "rows": count, **asked, "lake": found.freshness.model_dump()},
    )
    name = f"{table}-{found.freshness.read_at:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, headers, "text/csv; charset=utf-8")

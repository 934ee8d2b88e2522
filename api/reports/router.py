"""Numbers for managers and creators."""

import uuid
from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.core.http import ReaderDep, SessionDep, problems
from api.identity.audit import record
from api.identity.deps import InsightDep, ReportsDep
from api.reports import service
from api.reports.lake_reader import LakeReader
from api.reports.schemas import ID, ComplianceReport, CourseAnalytics, Status, TeamProgress

router = APIRouter(tags=["reports"])


async def get_lake(request: Request) -> LakeReader:
    lake: LakeReader = request.app.state.lake
    return lake


LakeDep = Annotated[LakeReader, Depends(get_lake)]
DirectOnly = Annotated[bool, Query(description="Only those who report to the caller directly.")]
Limit = Annotated[int, Query(ge=1, le=10_000)]


@router.get(
    "/team-progress", operation_id="teamProgress", summary="How far my people are", responses=problems(401, 403)
)
async def team_progress(
    me: ReportsDep,
    lake: LakeDep,
    reader: ReaderDep,
    course_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    person_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    status: Annotated[Literal["completed", "in_progress"] | None, Query()] = None,
    direct_only: DirectOnly = False,
    limit: Limit = 500,
) -> TeamProgress:
    """Everybody below the caller now, direct and indirect, with their enrollments; what was done a second ago is in."""
    filters = service.Filters(course_id=course_id, person_id=person_id, status=status)
    return await service.team_progress(
        lake, reader, manager_id=me.person_id, filters=filters, direct_only=direct_only, limit=limit
    )


CSV = {"content": {"text/csv": {}}, "description": "The report; with format=csv every item as CSV"}


@router.get(
    "/compliance-report",
    operation_id="complianceReport",
    summary="Who of my people has learned what they must",
    response_model=ComplianceReport,
    responses={200: CSV, **problems(401, 403)},
)
async def compliance_report(
    me: ReportsDep,
    lake: LakeDep,
    reader: ReaderDep,
    session: SessionDep,
    due_from: Annotated[date | None, Query()] = None,
    due_to: Annotated[date | None, Query()] = None,
    team: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")] = None,
    course_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    person_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    status: Annotated[Status | None, Query()] = None,
    direct_only: DirectOnly = False,
    limit: Limit = 500,
    format: Annotated[Literal["json", "csv"], Query()] = "json",
) -> ComplianceReport | Response:
    """Obligations of everybody below the caller now: figures, matrix, trend, and the items, the latest first."""
    filters = service.Filters(due_from, due_to, team, course_id, status, person_id)
    everything = None if format == "csv" else limit
    report = await service.compliance_report(
        lake, reader, manager_id=me.person_id, filters=filters, direct_only=direct_only, limit=everything
    )
    if format == "json":
        return report
    asked = {name: value for name, value in asdict(filters).items() if value is not None}
    after = {**asked, "direct_only": direct_only, "rows": len(report.items), "lake": report.freshness.model_dump()}
    await record(
        session,
        action="reports.report_exported",
        actor=me,
        target_type="report",
        target_id="compliance",
        after=after,
    )
    name = f"compliance-{report.freshness.read_at:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(service.compliance_csv(report), 200, headers, "text/csv; charset=utf-8")


@router.get(
    "/course-analytics",
    operation_id="courseAnalytics",
    summary="How my courses do",
    responses=problems(401, 403, 404),
)
async def course_analytics(
    me: InsightDep, lake: LakeDep, course_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None
) -> CourseAnalytics:
    """The caller's own courses; with `course_id` one of them with funnel, video retention and quiz items."""
    return await service.course_analytics(lake, owner_id=me.person_id, course_id=course_id)

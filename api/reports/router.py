"""Numbers for managers."""

import uuid
from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.http import SessionDep, problems
from api.identity.audit import record
from api.identity.deps import ReportsDep
from api.identity.rules import Principal
from api.people.deps import SightDep
from api.people.sight import Choice, Whose
from api.reports import service
from api.reports.deps import LakeDep
from api.reports.schemas import ID, ComplianceReport, Status, TeamProgress

router = APIRouter(tags=["reports"])


def choose(
    whose: Annotated[
        Whose,
        Query(description="mine: below me and by dotted lines; dotted: these alone; all: by role and delegation too."),
    ] = "all",
    on_behalf_of: Annotated[
        uuid.UUID | None, Query(description="A manager who delegated to me.", examples=[ID])
    ] = None,
    direct_only: Annotated[bool, Query(description="Only direct reports.")] = False,
) -> Choice:
    return Choice(whose, on_behalf_of, direct_only)


ChoiceDep = Annotated[Choice, Depends(choose)]
Number = Annotated[
    int | None,
    Query(ge=1, description="An earlier answer's `freshness.snapshot`: the same again, of whom I may see now."),
]
Limit = Annotated[int, Query(ge=1, le=10_000)]
Units = Annotated[
    list[uuid.UUID],
    Query(max_length=20, description="A unit with all below it; several are told side by side.", examples=[[ID]]),
]
EARLIEST = date(1900, 1, 1)
"""The trend goes back from the day asked; before year 1 there is none to go to."""


def only(one: uuid.UUID | None) -> tuple[uuid.UUID, ...] | None:
    return None if one is None else (one,)


@router.get(
    "/team-progress",
    operation_id="teamProgress",
    summary="How far my people are",
    responses=problems(401, 403, 404, 410),
)
async def team_progress(
    sight: SightDep,
    lake: LakeDep,
    choice: ChoiceDep,
    course_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    person_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    status: Annotated[Literal["completed", "in_progress"] | None, Query()] = None,
    unit: Units = [],  # noqa: B006 (FastAPI copies it)
    q: Annotated[
        str | None, Query(max_length=100, pattern=r"^[^\x00]*$", description="A part of the name, for `people`.")
    ] = None,
    limit: Limit = 500,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="How many people to pass over.")] = 0,
    snapshot: Number = None,
) -> TeamProgress:
    """Those whom the caller may see now, with their enrollments; what was done a second ago is in."""
    filters = service.Filters(courses=only(course_id), status=status, people=only(person_id), units=tuple(unit), q=q)
    return await service.team_progress(
        lake, sight, filters=filters, choice=choice, limit=limit, offset=offset, snapshot=snapshot
    )


CSV = {"content": {"text/csv": {}}, "description": "The report; with format=csv every item as CSV"}


@router.get(
    "/compliance-report",
    operation_id="complianceReport",
    summary="Who of my people has learned what they must",
    response_model=ComplianceReport,
    responses={200: CSV, **problems(401, 403, 404, 410)},
)
async def compliance_report(
    me: ReportsDep,
    sight: SightDep,
    lake: LakeDep,
    session: SessionDep,
    choice: ChoiceDep,
    due_from: Annotated[date | None, Query()] = None,
    due_to: Annotated[date | None, Query()] = None,
    team: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")] = None,
    course_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    person_id: Annotated[uuid.UUID | None, Query(examples=[ID])] = None,
    status: Annotated[Status | None, Query()] = None,
    unit: Units = [],  # noqa: B006 (FastAPI copies it)
    as_of: Annotated[
        date | None, Query(ge=EARLIEST, description="A past day: the same people, as it was then.")
    ] = None,
    limit: Limit = 500,
    snapshot: Number = None,
    format: Annotated[Literal["json", "csv"], Query()] = "json",
) -> ComplianceReport | Response:
    """Obligations of everybody whom the caller may see now: figures, matrix, trend, and the items, the latest first."""
    filters = service.Filters(due_from, due_to, team, only(course_id), status, only(person_id), as_of, tuple(unit))
    everything = None if format == "csv" else limit
    report = await service.compliance_report(
        lake, sight, filters=filters, choice=choice, limit=everything, snapshot=snapshot
    )
    if format == "json":
        return report
    await _record_export(session, me, filters, choice, report)
    name = f"compliance-{report.freshness.read_at:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(service.compliance_csv(report), 200, headers, "text/csv; charset=utf-8")


async def _record_export(
    session: AsyncSession, me: Principal, filters: service.Filters, choice: Choice, report: ComplianceReport
) -> None:
    """What left the house: which rows of which state of the lake, so that it can be read again."""
    asked = {name: value for name, value in asdict(filters).items() if value not in (None, ())}
    seen = {"whose": choice.whose, "direct_only": choice.direct_only, "rows": len(report.items)}
    await record(
        session,
        action="reports.report_exported",
        actor=me,
        target_type="report",
        target_id="compliance",
        on_behalf_of=choice.on_behalf_of,
        after={**asked, **seen, "lake": report.freshness.model_dump()},
    )

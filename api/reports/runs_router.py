"""Reports as files: order, watch, cancel, download."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from api.core.http import BODY, SessionDep, SettingsDep, problems
from api.identity.deps import AskReportsDep, ReportsDep
from api.media.storage import objects, stream
from api.reports import service
from api.reports.keeping import check_link
from api.reports.run_schemas import ReportOut, ReportPage, told
from api.reports.schemas import ID

router = APIRouter(tags=["reports"])
ReportId = Annotated[uuid.UUID, Path(examples=[ID])]
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "parquet": "application/vnd.apache.parquet",
}


@router.post(
    "/generate-report",
    operation_id="generateReport",
    summary="Order a report as a file",
    status_code=202,
    response_description="It is being made; GET the Location",
    responses=problems(401, 403, *BODY),
)
async def generate_report(
    question: service.ReportQuestion, me: AskReportsDep, session: SessionDep, settings: SettingsDep, response: Response
) -> ReportOut:
    """A job makes it, of whom I may see when it does. Ordered again while it is made, it is the same one."""
    run_id = await service.order(session, me, question)
    response.headers["Location"] = f"/reports/{run_id}"
    return told(await service.own(session, me, run_id), settings)


@router.get("/reports", operation_id="myReports", summary="What I ordered", responses=problems(401, 403))
async def my_reports(
    me: ReportsDep,
    session: SessionDep,
    settings: SettingsDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: Annotated[uuid.UUID | None, Query(examples=[ID], description="`next` of the page before.")] = None,
) -> ReportPage:
    """The newest first."""
    runs = await service.history(session, me, limit=limit, before=before)
    return ReportPage(items=[told(run, settings) for run in runs], next=runs[-1].id if len(runs) == limit else None)


@router.get(
    "/reports/{report_id}",
    operation_id="report",
    summary="How far a report is, and its file",
    responses=problems(401, 403, 404),
)
async def report(report_id: ReportId, me: ReportsDep, session: SessionDep, settings: SettingsDep) -> ReportOut:
    """Once it is done, `download.url` opens it for ten minutes."""
    return told(await service.own(session, me, report_id), settings)


@router.post(
    "/reports/{report_id}/cancel",
    operation_id="cancelReport",
    summary="Don't make it after all",
    responses=problems(401, 403, 404, 409),
)
async def cancel_report(
    report_id: ReportId, me: AskReportsDep, session: SessionDep, settings: SettingsDep
) -> ReportOut:
    """Ends within a second; again changes nothing."""
    return told(await service.cancel(session, me, report_id), settings)


FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {name.split(";")[0]: {} for name in TYPES.values()}}
}


@router.get(
    "/reports/{report_id}/file",
    operation_id="reportFile",
    summary="Download a report by its signed link",
    response_class=Response,
    responses={**FILE, **problems(403, 404, 410)},
)
async def report_file(
    report_id: ReportId,
    session: SessionDep,
    settings: SettingsDep,
    expires: Annotated[int, Query(ge=0, le=2**53)],
    signature: Annotated[str, Query(max_length=64, pattern="^[0-9a-f]*$")],
) -> StreamingResponse:
    """The link is the key: no sign-in. `Praxis-Evidence` and the report at `Link` say which rows of which state."""
    check_link(settings, report_id, expires=expires, signature=signature)
    run, key = await service.file_of(session, report_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{run.file_name}"',
        "Content-Length": str(run.size_bytes),
        "Cache-Control": "private, no-store",
        "Link": f'<{settings.api_url}/reports/{run.id}>; rel="describedby"',
        "Praxis-Evidence": service.evidence_header(run.evidence or {}),
    }
    return StreamingResponse(
        await stream(objects(settings), key), 200, headers, TYPES[run.question.get("format", "csv")]
    )

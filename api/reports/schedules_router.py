"""Reports that come by themselves, each day, week or month."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.core.http import BODY, SessionDep, SettingsDep, problems
from api.identity.deps import ReportsDep
from api.people.deps import SightDep
from api.reports import schedules
from api.reports.schedule_schemas import PauseIn, ScheduleIn, ScheduleOut, SchedulesOut, TargetOut, TargetsOut
from api.reports.schedule_targets import offered
from api.reports.schemas import ID

router = APIRouter(tags=["reports"])
ScheduleId = Annotated[uuid.UUID, Path(examples=[ID])]


@router.post(
    "/report-schedules",
    operation_id="makeReportSchedule",
    summary="Have a report sent each day, week or month",
    status_code=201,
    responses=problems(401, 403, 409, *BODY),
)
async def make_schedule(
    body: ScheduleIn, me: ReportsDep, sight: SightDep, session: SessionDep, settings: SettingsDep, response: Response
) -> ScheduleOut:
    """Each recipient gets what they themselves may see by then. The same sent again is the one that there is."""
    made = await schedules.make(session, sight, settings, me, body)
    response.headers["Location"] = f"/report-schedules/{made.id}"
    return (await schedules.told(session, sight, me, [made]))[0]


@router.get(
    "/report-schedules",
    operation_id="myReportSchedules",
    summary="What I have sent, and what became of it",
    responses=problems(401, 403),
)
async def my_schedules(me: ReportsDep, sight: SightDep, session: SessionDep) -> SchedulesOut:
    """By name; each with its next and its newest due time."""
    return SchedulesOut(items=await schedules.told(session, sight, me, await schedules.all_of(session, me)))


@router.get(
    "/report-schedules/{schedule_id}",
    operation_id="reportSchedule",
    summary="One schedule of mine",
    responses=problems(401, 403, 404),
)
async def schedule(schedule_id: ScheduleId, me: ReportsDep, sight: SightDep, session: SessionDep) -> ScheduleOut:
    return (await schedules.told(session, sight, me, [await schedules.own(session, me, schedule_id)]))[0]


@router.put(
    "/report-schedules/{schedule_id}",
    operation_id="changeReportSchedule",
    summary="Change a schedule of mine",
    responses=problems(401, 403, 404, 409, *BODY),
)
async def change_schedule(
    schedule_id: ScheduleId,
    body: ScheduleIn,
    me: ReportsDep,
    sight: SightDep,
    session: SessionDep,
    settings: SettingsDep,
) -> ScheduleOut:
    """As a whole; it holds from the next due time on."""
    changed = await schedules.change(session, sight, settings, me, schedule_id, body)
    return (await schedules.told(session, sight, me, [changed]))[0]


@router.put(
    "/report-schedules/{schedule_id}/pause",
    operation_id="pauseReportSchedule",
    summary="Pause a schedule of mine, or go on with it",
    responses=problems(401, 403, 404, *BODY),
)
async def pause_schedule(
    schedule_id: ScheduleId, body: PauseIn, me: ReportsDep, sight: SightDep, session: SessionDep
) -> ScheduleOut:
    """What would have been due meanwhile is not sent later."""
    paused = await schedules.pause(session, me, schedule_id, is_paused=body.is_paused)
    return (await schedules.told(session, sight, me, [paused]))[0]


@router.delete(
    "/report-schedules/{schedule_id}",
    operation_id="deleteReportSchedule",
    summary="Have it sent no more",
    status_code=204,
    responses=problems(401, 403),
)
async def delete_schedule(schedule_id: ScheduleId, me: ReportsDep, session: SessionDep) -> None:
    """Again changes nothing. Files that it made stay among my reports."""
    await schedules.remove(session, me, schedule_id)


@router.get(
    "/report-targets",
    operation_id="reportTargets",
    summary="Where schedules of mine may send files",
    responses=problems(401, 403),
)
async def report_targets(me: ReportsDep, settings: SettingsDep) -> TargetsOut:
    """Besides mail. Whoever runs Praxis names them."""
    return TargetsOut(items=[TargetOut(name=one.name, title=one.title) for one in offered(settings, me.roles)])

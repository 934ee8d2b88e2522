"""Live sessions: the attendance list of their authors, and a learner's calendar."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.core.http import BODY, SessionDep, problems
from api.identity.deps import CreatorDep, LearnerDep
from api.learning import live
from api.learning.live_schemas import AttendanceIn, AttendanceOut
from api.learning.schemas import ID

router = APIRouter(tags=["learning"])
ModuleId = Annotated[uuid.UUID, Query(examples=[ID])]
CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {}}, "description": "The session as iCalendar"}
}


@router.get(
    "/live-attendance",
    operation_id="liveAttendance",
    summary="Who is to come to a live session, and who came",
    responses=problems(401, 404),
)
async def attendance(me: CreatorDep, session: SessionDep, module_id: ModuleId) -> AttendanceOut:
    """For the authors of the course only."""
    return await live.attendance(session, me, module_id=module_id)


@router.put(
    "/live-attendance",
    operation_id="markAttendance",
    summary="Say who came to a live session",
    responses=problems(*BODY, 401, 404, 409),
)
async def mark_attendance(body: AttendanceIn, me: CreatorDep, session: SessionDep) -> AttendanceOut:
    """Idempotent; answers with the people named. Present completes the session for a person, and with it perhaps their
    course: marked otherwise later, the list changes and what is completed stays completed.
    """
    return await live.mark(session, me, given=body)


@router.get(
    "/live-calendar",
    operation_id="liveCalendar",
    summary="A live session for my calendar",
    response_class=Response,
    responses={**CALENDAR, **problems(401, 404)},
)
async def live_calendar(me: LearnerDep, session: SessionDep, module_id: ModuleId) -> Response:
    """iCalendar, in the session's time zone; calendars show it in one's own."""
    headers = {"Content-Disposition": 'attachment; filename="session.ics"'}
    return Response(await live.calendar(session, me, module_id=module_id), 200, headers, "text/calendar")

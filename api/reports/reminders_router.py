"""Reminding people of what they must learn."""

from fastapi import APIRouter

from api.core.http import BODY, SessionDep, problems
from api.identity.deps import ReportsDep
from api.people.deps import SightDep
from api.reports.reminder_schemas import RemindersIn, RemindersOut
from api.reports.reminding import remind

router = APIRouter(tags=["reports"])


@router.post(
    "/reminders",
    operation_id="sendReminders",
    summary="Remind people of what is overdue or due soon",
    responses=problems(*BODY, 401, 403),
)
async def send_reminders(body: RemindersIn, me: ReportsDep, sight: SightDep, session: SessionDep) -> RemindersOut:
    """In the app and by mail, as each person chose; at most once a day and course, so that again sends nothing."""
    return await remind(session, sight, me, body.items)

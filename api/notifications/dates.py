"""The dates that belong to a mail, asked when it is sent: due dates of courses, live sessions of versions."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.obligations import Obligation, obligations
from api.core.i18n import gettext as _
from api.courses.models import CourseVersion, Module
from api.learning.schemas import live_of
from api.notifications.calendars import DueDate, Session, calendar
from api.notifications.models import Notification
from api.notifications.reader import Reader

OF_OBLIGATION = ("assigned", "due_soon", "overdue", "reminded")
WITH_DUE_DATE = ("assigned", "due_soon", "enrolled", "promoted", "approval_decided")


async def open_obligations(session: AsyncSession, reader: Reader, now: datetime) -> dict[str, Obligation]:
    """By course, the earliest due of what this person still has to learn today."""
    found: dict[str, Obligation] = {}
    for one in await obligations(session, person_id=reader.id, on=now.astimezone(reader.wording.zone).date()):
        if one.is_open():
            found.setdefault(str(one.course_id), one)
    return found


async def calendar_of(
    session: AsyncSession,
    reader: Reader,
    told: Sequence[Notification],
    owed: dict[str, Obligation],
    *,
    base: str,
    now: datetime,
) -> bytes | None:
    """None where these notifications bring no date."""
    dates: dict[str, DueDate] = {}
    for one in told:
        course = str(one.facts.get("course_id"))
        if one.kind in WITH_DUE_DATE and (due := owed.get(course)):
            title = _("Due: {title}").format(title=due.title)
            dates[course] = DueDate(reader.id, due.course_id, title, due.due_on)
    versions = {uuid.UUID(one.facts["version_id"]) for one in told if one.facts.get("version_id")}
    sessions = await _sessions(session, versions, now) if versions else []
    if not dates and not sessions:
        return None
    made_at = max(one.created_at for one in told)
    return calendar(list(dates.values()), sessions, made_at=made_at, reminder=_("Reminder"), link=base)


async def _sessions(session: AsyncSession, versions: set[uuid.UUID], now: datetime) -> list[Session]:
    asked = (
        select(Module.stem_id, Module.title, Module.settings, CourseVersion.number, CourseVersion.title.label("course"))
        .join(CourseVersion, CourseVersion.id == Module.version_id)
        .where(Module.version_id.in_(versions), Module.kind == "live")
        .order_by(Module.position)
    )
    found = [
        Session(row.stem_id, row.number, row.title, row.course, live_of(row.settings))
        for row in await session.execute(asked)
    ]
    return [one for one in found if one.live.starts_at and one.live.starts_at > now]

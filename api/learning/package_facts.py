"""The facts of packages: what one came to say of an item, and each visit with its time."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.learning.activity_models import PackageState
from api.learning.models import Enrollment
from api.learning.package_rules import Visit
from api.learning.package_schemas import PackageStateIn


async def record_fact(
    session: AsyncSession,
    event_type: str,
    enrollment: Enrollment,
    sent: PackageStateIn,
    told: dict[str, Any],
    now: datetime,
) -> None:
    ids = {
        "enrollment_id": enrollment.id,
        "version_id": enrollment.version_id,
        "course_id": sent.course_id,
        "module_id": sent.module_id,
    }
    person_id = enrollment.person_id
    payload = {name: str(value) for name, value in ids.items()} | told
    await events.record(session, event_type, subject_id=person_id, actor_id=person_id, payload=payload, occurred_at=now)


async def tell_visit(
    session: AsyncSession,
    enrollment: Enrollment,
    sent: PackageStateIn,
    state: PackageState,
    visit: Visit,
    now: datetime,
) -> None:
    """`learning.package_session`, once a visit, and again for time that came after; the sum of `session_s` is the time
    of all visits, never more than there was since the enrolment.
    """
    most = max(0.0, (now - enrollment.enrolled_at).total_seconds())
    told_s = min(state.total_s, most)
    seconds = round(told_s - state.told_s, 2)
    if seconds <= 0 and state.is_visit_told:
        return
    state.told_s, state.is_visit_told = max(told_s, state.told_s), True
    told = {
        "item": sent.item,
        "session_s": max(0.0, seconds),
        "total_s": round(state.told_s, 2),
        "completion_status": visit.completion_status,
        "success_status": visit.success_status,
        "item_percent": state.percent,
        "score_percent": state.score_percent,
        "has_suspend_data": visit.has_suspend_data,
    }
    await record_fact(session, "learning.package_session", enrollment, sent, told, now)

"""What somebody has to do, the most pressing first."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.compliance.obligations import Obligation

SOON = timedelta(days=14)
"""As the compliance report has it."""

ORDER = ("attempt", "overdue", "due_soon", "renewal", "open", "retake", "waiting", "pending_approval")

RETAKES = text(
    """
    select e.course_id, coalesce(v.title, '') as title from enrollment e
    join course c on c.id = e.course_id left join course_version v on v.id = c.current_version_id
    where e.person_id = :person_id and e.withdrawn_at is null and e.retake_version_id is not null
    order by title, e.course_id
    """
)

# Begun and not handed in, with a clock that still runs.
ATTEMPTS = text(
    """
    select e.course_id, v.title, s.module_id, s.due_at, e.progress_percent
    from quiz_sitting s join enrollment e on e.id = s.enrollment_id join course_version v on v.id = e.version_id
    where e.person_id = :person_id and e.withdrawn_at is null and s.due_at > :now
    and not exists (select from quiz_attempt a where a.id = s.id)
    order by s.due_at, s.id
    """
)

ENROLLED = text(
    "select course_id, progress_percent from enrollment where person_id = :person_id and withdrawn_at is null"
)


def state_of(due_on: date, today: date) -> str:
    """overdue from the day after it was due; due_soon within two weeks."""
    if due_on < today:
        return "overdue"
    return "due_soon" if due_on <= today + SOON else "open"


def duties(told: Iterable[Obligation], today: date) -> dict[uuid.UUID, dict[str, Any]]:
    """By course, what is still to be done; of two requirements of one course the earlier day."""
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for one in sorted(told, key=lambda one: one.due_on):
        if one.is_open() and one.course_id not in found:
            found[one.course_id] = {
                "course_id": one.course_id,
                "title": one.title,
                "due_on": one.due_on,
                "assigned_on": one.assigned_on,
                "state": state_of(one.due_on, today),
            }
    return found


async def to_do(
    reader: AsyncConnection | AsyncSession,
    *,
    person_id: uuid.UUID,
    told: Iterable[Obligation],
    now: datetime,
    today: date,
) -> list[dict[str, Any]]:
    """`told` are the person's obligations, fulfilled or not; `today` is the day where they are."""
    asked = {"person_id": person_id}
    required = duties(told, today)
    percent = {row.course_id: row.progress_percent for row in await reader.execute(ENROLLED, asked)}
    attempts = [dict(row) for row in (await reader.execute(ATTEMPTS, asked | {"now": now})).mappings()]
    retakes = [dict(row) for row in (await reader.execute(RETAKES, asked)).mappings()]
    listed = [one | {"progress_percent": percent.get(one["course_id"])} for one in required.values()]
    listed += [{"assigned_on": None, "state": "attempt"} | one for one in attempts]
    listed += [{"assigned_on": None, "state": "retake"} | one for one in retakes if one["course_id"] not in required]
    return sorted(listed, key=lambda one: (ORDER.index(one["state"]), one.get("due_on") or date.max, one["title"]))

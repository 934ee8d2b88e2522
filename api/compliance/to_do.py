"""What somebody has to do, the most pressing first."""

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.compliance.obligations import Obligation
from api.credentials.rules import RENEWAL
from api.learning.request_models import OPEN
from api.learning.requests import my_requests

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

# What was earned ends, and is not being earned again yet.
RENEWALS = text(
    """
    select e.course_id, c.course_title as title, c.expires_at
    from certificate c join enrollment e on e.id = c.enrollment_id join course k on k.id = e.course_id
    where c.person_id = :person_id and c.revoked_at is null and c.expires_at <= :soon
    and e.withdrawn_at is null and e.retake_version_id is null
    and k.current_version_id is not null and k.archived_at is null
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

BLANK: dict[str, Any] = dict.fromkeys(("due_on", "assigned_on", "progress_percent", "module_id", "due_at", "position"))

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

    async def rows(statement: TextClause, **more: object) -> list[dict[str, Any]]:
        return [dict(row) for row in (await reader.execute(statement, {"person_id": person_id, **more})).mappings()]

    required = duties(told, today)
    percent = {row["course_id"]: row["progress_percent"] for row in await rows(ENROLLED)}
    listed = [one | {"progress_percent": percent.get(one["course_id"])} for one in required.values()]
    again = [{"state": "retake"} | one for one in await rows(RETAKES)]
    again += [
        {"state": "renewal", "due_on": one.pop("expires_at").astimezone(UTC).date()} | one
        for one in await rows(RENEWALS, soon=now + RENEWAL)
    ]
    again += [
        {name: one[name] for name in ("course_id", "position")} | {"title": one["course_title"], "state": one["status"]}
        for one in await my_requests(reader, person_id)
        if one["status"] in OPEN
    ]
    listed += [one for one in again if one["course_id"] not in required]
    listed += [{"state": "attempt"} | one for one in await rows(ATTEMPTS, now=now)]
    whole = [BLANK | one for one in listed]
    return sorted(whole, key=lambda one: (ORDER.index(one["state"]), one["due_on"] or date.max, one["title"]))

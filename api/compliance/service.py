"""Saying that a course is mandatory, for whom and until when."""

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.models import Requirement
from api.compliance.write_back import (
    Answer,
    Due,
    answer_records,
    claim_records,
    collect_records,
    reference_of_completion,
)
from api.core.db import new_id
from api.core.errors import NotFound
from api.courses.models import Course
from api.identity import audit
from api.identity.rules import Principal

__all__ = [
    "Answer",
    "Due",
    "answer_records",
    "claim_records",
    "collect_records",
    "reference_of_completion",
    "require_course",
]


async def require_course(
    session: AsyncSession,
    *,
    course_id: uuid.UUID,
    due_within_days: int,
    valid_from: date,
    org_unit_id: uuid.UUID | None = None,
    country: str | None = None,
    actor: Principal | None = None,
) -> Requirement:
    """Everyone in the audience must complete the course; the same requirement again is the one that is there."""
    if await session.get(Course, course_id) is None:
        raise NotFound("There is no such course to require.")
    same = (
        select(Requirement)
        .where(Requirement.course_id == course_id, Requirement.superseded_at.is_(None))
        .where(Requirement.org_unit_id.is_not_distinct_from(org_unit_id))
        .where(Requirement.country.is_not_distinct_from(country), Requirement.valid_from == valid_from)
        .where(Requirement.due_within_days == due_within_days)
    )
    known = await session.scalar(same)
    if known:
        return known
    requirement = Requirement(
        id=new_id(),
        course_id=course_id,
        due_within_days=due_within_days,
        valid_from=valid_from,
        org_unit_id=org_unit_id,
        country=country,
    )
    session.add(requirement)
    await audit.record(
        session,
        action="compliance.requirement_added",
        actor=actor,
        target_type="course",
        target_id=course_id,
        after={
            "requirement_id": requirement.id,
            "due_within_days": due_within_days,
            "valid_from": valid_from,
            "org_unit_id": org_unit_id,
            "country": country,
        },
    )
    return requirement

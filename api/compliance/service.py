"""Saying that a course is mandatory: for whom, until when, how often; and that it no longer is."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.audience import Audience, parts
from api.compliance.models import Requirement
from api.compliance.refresh import Delta, refresh_obligations
from api.compliance.write_back import (
    Answer,
    Due,
    answer_records,
    claim_records,
    collect_records,
    reference_of_completion,
)
from api.core import events
from api.core.db import new_id
from api.core.errors import Conflict, Forbidden, NotFound, ProblemError
from api.courses.models import Course
from api.identity import audit
from api.identity.rules import Principal
from api.people.models import OrgUnit

__all__ = [
    "Answer",
    "Delta",
    "Due",
    "answer_records",
    "claim_records",
    "collect_records",
    "end_requirement",
    "make_requirement",
    "reference_of_completion",
    "refresh_obligations",
    "require_course",
]

OFFICER = "officer"
TERMS = (
    "title",
    "audience",
    "due_from",
    "due_within_days",
    "due_day",
    "every_months",
    "renewal_days",
    "counts_earlier",
    "counts_rehire",
    "valid_from",
    "valid_to",
)


class UnknownUnit(ProblemError):
    status = 422
    title = "There is no such unit"


def check_whole_company(who: Principal) -> None:
    """Who is responsible for some units waives there; what is asked of whom is one rule for the company."""
    if not who.reach(OFFICER).everyone:
        raise Forbidden("Requirements are made and ended by officers of the whole company: ask one.")


async def check_audience(session: AsyncSession, audience: Audience) -> None:
    """Every unit that it names is there."""
    named = {unit for rule in parts(audience) for unit in rule.units or []}
    known = set(await session.scalars(select(OrgUnit.id).where(OrgUnit.id.in_(named)))) if named else set()
    if missing := named - known:
        raise UnknownUnit(f"No unit has the id {sorted(map(str, missing))[0]}: GET /org-units lists them.")


async def make_requirement(
    session: AsyncSession,
    *,
    course_id: uuid.UUID,
    audience: Audience,
    actor: Principal | None = None,
    **terms: Any,
) -> Requirement:
    """Everyone in the audience must complete the course; the same requirement again is the one that is there."""
    if await session.get(Course, course_id, with_for_update=True) is None:
        raise NotFound("There is no such course to require.")
    await check_audience(session, audience)
    made = Requirement(id=new_id(), course_id=course_id, audience=audience.stored(), **terms)
    same = select(Requirement).where(Requirement.course_id == course_id, Requirement.superseded_at.is_(None))
    for known in await session.scalars(same):
        if _told(known) == _told(made):
            return known
    session.add(made)
    await session.flush()
    await _tell(session, "compliance.requirement_made", "compliance.requirement_added", made, actor, None)
    return made


def _told(one: Requirement) -> dict[str, Any]:
    defaults = {"title": "", "due_from": "hire", "renewal_days": 30, "counts_earlier": True, "counts_rehire": True}
    found = {name: getattr(one, name) for name in TERMS}
    return {name: defaults.get(name) if value is None else value for name, value in found.items()}


async def _tell(
    session: AsyncSession,
    fact: str,
    action: str,
    one: Requirement,
    actor: Principal | None,
    before: dict[str, Any] | None,
) -> None:
    terms = {"requirement_id": one.id, **_told(one)}
    payload = {"course_id": str(one.course_id), "requirement_id": str(one.id)}
    who = actor.person if actor else None
    await events.record(session, fact, subject_id=one.id, actor_id=who, payload=payload)
    await audit.record(
        session,
        action=action,
        actor=actor,
        target_type="course",
        target_id=one.course_id,
        before=before,
        after=terms,
    )


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
    """Of everyone, or of a unit with all below it, or of a country, or where both hold; days from the first day."""
    said: list[dict[str, Any]] = [{"units": [org_unit_id]}] if org_unit_id else []
    said += [{"countries": [country]}] if country else []
    rule: dict[str, Any] = {} if not said else said[0] if len(said) == 1 else {"all": said}
    return await make_requirement(
        session,
        course_id=course_id,
        audience=Audience.model_validate(rule),
        due_within_days=due_within_days,
        valid_from=valid_from,
        actor=actor,
    )


# The copy is what was known until now; the row keeps its id, which obligations and waivers name.
KEEP = text(
    """
    insert into requirement (id, course_id, {columns}, recorded_at, superseded_at, succeeded_by)
    select uuidv7(), course_id, {columns}, recorded_at, now(), id from requirement where id = :id
    """.format(columns=", ".join(TERMS))
)


async def end_requirement(
    session: AsyncSession, who: Principal | None, requirement_id: uuid.UUID, *, ends_on: date | None = None
) -> Requirement:
    """Nobody owes it from that day on (default today, UTC); what was owed until then stays. Ended so already: no change."""
    statement = select(Requirement).where(Requirement.id == requirement_id, Requirement.superseded_at.is_(None))
    one = await session.scalar(statement.with_for_update())
    if one is None:
        raise NotFound("There is no such requirement.")
    day = max(ends_on or datetime.now(UTC).date(), one.valid_from)
    if one.valid_to == day:
        return one
    if one.valid_to is not None and one.valid_to <= datetime.now(UTC).date():
        raise Conflict(f"It ended on {one.valid_to}: make a new one to ask for the course again.")
    before = {"valid_to": one.valid_to}
    await session.execute(KEEP, {"id": one.id})
    one.valid_to, one.recorded_at = day, datetime.now(UTC)
    await session.flush()
    await _tell(session, "compliance.requirement_ended", "compliance.requirement_ended", one, who, before)
    return one

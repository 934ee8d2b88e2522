"""Persons and the hierarchy: who is below whom on a day, who somebody is, and what HR says of them."""

import contextlib
import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import Conflict, NotFound
from api.people import queries
from api.people.models import Employment, HrImport, HrQuarantine, Person
from api.people.roster import apply_roster, record_import
from api.people.rules import ImportOutcome, OrgUnitRow, Refused, Roster, RosterRow, TeamMember

__all__ = [
    "ImportOutcome",
    "OrgUnitRow",
    "Refused",
    "Roster",
    "RosterRow",
    "TeamMember",
    "apply_roster",
    "find_import",
    "find_person",
    "imports",
    "profile",
    "quarantine_of",
    "reject_import",
    "reject_roster",
    "team_of",
]

Reader = AsyncConnection | AsyncSession


async def team_of(
    reader: Reader, person_id: uuid.UUID, *, on: date | None = None, direct_only: bool = False
) -> list[TeamMember]:
    """Everybody below this person who works here on that day (default today, UTC), by name; never the person self."""
    parameters = {"manager": person_id, "on": on or datetime.now(UTC).date(), "depth": 1 if direct_only else 0}
    rows = (await reader.execute(queries.TEAM, parameters)).all()
    return [TeamMember(**row._mapping) for row in rows]


async def profile(reader: Reader, person_id: uuid.UUID) -> dict[str, Any]:
    """Name, e-mail, job and unit of today; job and unit are None for somebody who doesn't work here now."""
    row = (await reader.execute(queries.PROFILE, {"person": person_id, "on": datetime.now(UTC).date()})).one_or_none()
    if row is None:
        raise NotFound("There is no such person.")
    return dict(row._mapping)


async def find_person(session: AsyncSession, who: str) -> Person:
    """By id, e-mail, employee number or the whole name; for commands that a human types."""
    matches = [Person.email == who, func.lower(Person.display_name) == who.lower(), Employment.employee_number == who]
    with contextlib.suppress(ValueError):
        matches.append(Person.id == uuid.UUID(who))
    statement = select(Person).outerjoin(Person.employments).where(or_(*matches)).distinct()
    people = (await session.scalars(statement.limit(5))).unique().all()
    if len(people) != 1:
        names = ", ".join(f"{p.display_name} <{p.email}>" for p in people)
        raise NotFound(f"{'Several people are' if people else 'Nobody is'} called {who!r}. {names}".strip())
    return people[0]


async def reject_roster(
    session: AsyncSession, *, source: str, file_name: str, content_hash: str, as_of: date, reason: str
) -> ImportOutcome:
    """Remember that a file was unusable and why; the same file again gives the same answer."""
    known = await session.scalar(
        select(HrImport).where(HrImport.source == source, HrImport.content_hash == content_hash)
    )
    if known is None:
        known = HrImport(
            source=source,
            file_name=file_name,
            content_hash=content_hash,
            as_of=as_of,
            status="rejected",
            reason=reason,
            counts={},
        )
        session.add(known)
        await session.flush()
        await record_import(session, "people.roster_rejected", known)
    return ImportOutcome(known.id, known.status, known.reason, dict(known.counts))


async def imports(session: AsyncSession, *, source: str | None = None, limit: int = 20) -> list[HrImport]:
    """The newest imports first."""
    statement = select(HrImport).order_by(HrImport.created_at.desc(), HrImport.as_of.desc()).limit(limit)
    if source:
        statement = statement.where(HrImport.source == source)
    return list(await session.scalars(statement))


async def quarantine_of(session: AsyncSession, import_id: uuid.UUID) -> list[HrQuarantine]:
    statement = select(HrQuarantine).where(HrQuarantine.import_id == import_id).order_by(HrQuarantine.line)
    return list(await session.scalars(statement))


async def find_import(session: AsyncSession, import_id: uuid.UUID) -> HrImport:
    record = await session.get(HrImport, import_id)
    if record is None:
        raise NotFound(f"There is no import {import_id}; `praxis hr list` shows them.")
    return record


async def reject_import(session: AsyncSession, import_id: uuid.UUID) -> HrImport:
    """Decide that a held import is not applied; decided already: said so."""
    record = await find_import(session, import_id)
    if record.status != "held":
        raise Conflict(f"The import is {record.status}: only one that is held can be rejected.")
    record.status, record.decided_at = "rejected", datetime.now(UTC)
    await session.flush()
    await record_import(session, "people.roster_rejected", record)
    return record

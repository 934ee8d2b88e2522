"""Persons and the hierarchy: who is below whom on a day, who somebody is, and what HR says of them."""

import contextlib
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, SQLColumnExpression, Uuid, bindparam, column, func, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import NotFound
from api.identity.rules import Principal, Reach
from api.people import queries
from api.people.breaker_rules import Limit, Limits
from api.people.hr_status import FRESH_FOR, Problem, SourceStatus, hr_sources
from api.people.imports import (
    approve_import,
    approved_imports,
    diff_of,
    find_import,
    import_of,
    imports,
    quarantined,
    reject_import,
    waiting_imports,
)
from api.people.models import Employment, HrImport, OrgUnit, Person
from api.people.roster import apply_in_batches, apply_roster, record_import
from api.people.rules import ImportOutcome, OrgUnitRow, Refused, Roster, RosterRow, TeamMember
from api.people.sources import cursor_of, source_answered, source_failed, source_told

__all__ = [
    "FRESH_FOR",
    "ImportOutcome",
    "Limit",
    "Limits",
    "OrgUnitRow",
    "Problem",
    "Refused",
    "Roster",
    "RosterRow",
    "SourceStatus",
    "TeamMember",
    "apply_in_batches",
    "apply_roster",
    "approve_import",
    "approved_imports",
    "check_within",
    "colleague",
    "cursor_of",
    "diff_of",
    "find_import",
    "find_person",
    "hr_sources",
    "import_of",
    "imports",
    "is_within",
    "lock_person",
    "org_units",
    "profile",
    "quarantined",
    "reject_import",
    "reject_roster",
    "source_answered",
    "source_failed",
    "source_told",
    "team_of",
    "unit_names",
    "waiting_imports",
    "within",
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


async def colleague(session: AsyncSession, *, person_id: uuid.UUID | None = None, email: str | None = None) -> Person:
    """Somebody who works here today, by id or e-mail; who left is as unknown as who never was."""
    wanted = Person.id == person_id if person_id else Person.email == (email or "").strip()
    here = text("person.id in (select w.person_id from works_here((now() at time zone 'UTC')::date) w)")
    person: Person | None = await session.scalar(select(Person).where(wanted, here))
    if person is None:
        raise NotFound("Nobody who works here today has this id or e-mail address.")
    return person


async def lock_person(session: AsyncSession, person_id: uuid.UUID) -> None:
    """Of two clicks at once the second waits here, and then finds what the first made."""
    await session.execute(select(Person.id).where(Person.id == person_id).with_for_update())


def within(person_id: SQLColumnExpression[Any], reach: Reach) -> ColumnElement[bool]:
    """The condition that a person works today in the units reached; always true for the whole company."""
    if reach.everyone:
        return true()
    there = text(
        "select w.person_id from works_here((now() at time zone 'UTC')::date) w"
        " where w.org_unit_id in (select org_unit_id from units_below(:units))"
    ).bindparams(bindparam("units", list(reach.org_units), type_=ARRAY(Uuid)))
    return person_id.in_(there.columns(column("person_id", Uuid)).scalar_subquery())


async def check_within(session: AsyncSession, who: Principal, person_id: uuid.UUID, *roles: str) -> None:
    """NotFound for a person outside of what these roles of the caller reach: outside is as unknown as nobody."""
    condition = (Person.id == person_id, within(Person.id, who.reach(*roles)))
    if await session.scalar(select(Person.id).where(*condition)) is None:
        raise NotFound("There is no such person in your units.")


async def is_within(session: AsyncSession, reach: Reach, org_unit_id: uuid.UUID | None) -> bool:
    """Whether a unit is one of those reached, or below one; None is the whole company."""
    if reach.everyone or org_unit_id is None:
        return reach.everyone
    below = text("select exists (select from units_below(:units) where org_unit_id = :unit)")
    typed = below.bindparams(bindparam("units", type_=ARRAY(Uuid)), bindparam("unit", type_=Uuid))
    return bool(await session.scalar(typed, {"units": list(reach.org_units), "unit": org_unit_id}))


async def org_units(reader: Reader) -> list[dict[str, Any]]:
    """Every unit with the one above it, by name."""
    rows = await reader.execute(
        select(OrgUnit.id, OrgUnit.code, OrgUnit.name, OrgUnit.parent_id).order_by(OrgUnit.name, OrgUnit.id)
    )
    return [dict(row) for row in rows.mappings()]


async def unit_names(reader: Reader, ids: Iterable[uuid.UUID]) -> list[dict[str, Any]]:
    """(id, name) of these units, by name."""
    rows = await reader.execute(
        select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(list(ids))).order_by(OrgUnit.name)
    )
    return [dict(row) for row in rows.mappings()] if ids else []


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
        select(HrImport).where(
            HrImport.source == source, HrImport.content_hash == content_hash, HrImport.as_of == as_of
        )
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

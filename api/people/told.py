"""One person as a directory tells of them: the person, the employment from today on, and the account, at once.

Whoever is told by a directory is told by it alone (`person.told_by`): rosters that list them too say nothing of them.
Employments are effective-dated like a roster's. What the directory is silent about stays as it was known.
"""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.db import new_id
from api.core.errors import Conflict
from api.identity.service import account_of, ensure_accounts
from api.identity.sessions import end_sessions
from api.people.models import Employment, EmploymentVersion, OrgUnit, Person
from api.people.rules import Told

DAY = timedelta(1)
UNASSIGNED = ("Unassigned",)
VERSIONED = ("job_title", "org_unit_id", "manager_id", "location", "country", "cost_center")


class ManagerCircle(Conflict):
    title = "The manager would report to this person"


async def take_over(session: AsyncSession, source: str, told: Told) -> uuid.UUID:
    """The person of this e-mail address, or a new one; told by this source alone from now on."""
    person = None
    if told.email:
        person = await session.scalar(select(Person).where(Person.email == told.email).with_for_update())
    if person is None:
        person = Person(display_name=told.display_name, email=told.email)
        session.add(person)
    person.told_by = source
    await session.flush()
    return person.id


async def follow(session: AsyncSession, source: str, person_id: uuid.UUID, told: Told, before: Told | None) -> None:
    """Make person, employment and account what is told; of the attributes those that are other than `before`."""
    person = await session.get_one(Person, person_id, with_for_update=True)
    person.display_name, person.email = told.display_name, told.email or person.email
    await session.flush()
    today = datetime.now(UTC).date()
    employment = await _newest(session, person_id, today)
    if told.is_active and employment is None:
        await _begin(session, source, person_id, told, today)
    elif told.is_active and employment:
        await _go_on(session, source, employment, told, before, today)
    elif employment and employment.started_on <= today:  # who has not begun yet has no account yet either
        await _end(session, employment, today)
    await _account(session, person, is_active=told.is_active)


async def leave(session: AsyncSession, person_id: uuid.UUID) -> None:
    """The entry is gone: the employment ends today, the account at once. Who they were stays known."""
    person = await session.get_one(Person, person_id, with_for_update=True)
    today = datetime.now(UTC).date()
    if employment := await _newest(session, person_id, today):
        await _end(session, employment, today)
    await _account(session, person, is_active=False)


async def _newest(session: AsyncSession, person_id: uuid.UUID, today: date) -> Employment | None:
    """The employment that goes on, or ended so lately that no day is missing: coming back then is no rehire."""
    lately = or_(Employment.ended_on.is_(None), Employment.ended_on >= today - DAY)
    newest = select(Employment).where(Employment.person_id == person_id, lately)
    found: Employment | None = await session.scalar(newest.order_by(Employment.started_on.desc()).limit(1))
    return found


async def _begin(session: AsyncSession, source: str, person_id: uuid.UUID, told: Told, today: date) -> None:
    was_here = await session.scalar(select(Employment.id).where(Employment.person_id == person_id).limit(1))
    employment = Employment(person_id=person_id, source=source, employee_number=told.employee_number, started_on=today)
    session.add(employment)
    await session.flush()
    attributes = dict.fromkeys(VERSIONED) | {"job_title": "", "org_unit_id": await _unit(session, source, UNASSIGNED)}
    attributes |= await _news(session, source, person_id, told, None)
    await _write(session, employment, today, attributes)
    await _fact(session, "rehired" if was_here else "joined", employment, today)


async def _go_on(
    session: AsyncSession, source: str, employment: Employment, told: Told, before: Told | None, today: date
) -> None:
    """From today on the attributes that changed are other ones; an end that was told is taken back."""
    if employment.source == source:
        employment.employee_number = told.employee_number
    news = await _news(session, source, employment.person_id, told, before)
    since = max(today, employment.started_on)
    known = await _at(session, employment, since)
    attributes = _attributes(known) | news
    is_back = employment.ended_on is not None
    if is_back:
        employment.ended_on = None
        since = since if attributes != _attributes(known) else known.valid_from
    if is_back or attributes != _attributes(known):
        await _write(session, employment, since, attributes)
        await _fact(session, "changed", employment, since)


async def _end(session: AsyncSession, employment: Employment, today: date) -> None:
    """Today is the last day worked; who has not begun yet never will."""
    last = today if employment.started_on <= today else employment.started_on - DAY
    if employment.ended_on is not None and employment.ended_on <= last:
        return
    employment.ended_on = last
    await _write(session, employment, last + DAY, None)
    await _fact(session, "left", employment, last)


async def _news(
    session: AsyncSession, source: str, person_id: uuid.UUID, told: Told, before: Told | None
) -> dict[str, Any]:
    """The attributes that are told otherwise than before; at first those that are told at all."""
    news: dict[str, Any] = {}
    for name in ("job_title", "manager_id", "location", "country", "cost_center"):
        now = getattr(told, name)
        if now != (getattr(before, name) if before else None):
            news[name] = now
    if told.units != (before.units if before else ()):
        news["org_unit_id"] = await _unit(session, source, told.units or UNASSIGNED)
    if "job_title" in news:
        news["job_title"] = news["job_title"] or ""
    if news.get("manager_id"):
        await _check_manager(session, person_id, news["manager_id"])
    return news


CIRCLE = text(
    """
    with recursive above as (
        select cast(:manager as uuid) as person_id
        union
        select v.manager_id from above a
        join employment e on e.person_id = a.person_id
        join employment_version v on v.employment_id = e.id and v.superseded_at is null and v.valid_to is null
        where v.manager_id is not null
    )
    select exists (select from above where person_id = :person)
    """
)


async def _check_manager(session: AsyncSession, person_id: uuid.UUID, manager_id: uuid.UUID) -> None:
    """A wrong hierarchy would show people to the wrong managers."""
    if await session.scalar(CIRCLE, {"manager": manager_id, "person": person_id}):
        raise ManagerCircle("This manager reports to this person already: change that first, then send this again.")


async def _at(session: AsyncSession, employment: Employment, day: date) -> EmploymentVersion:
    """What holds on that day, or held last before it."""
    live = select(EmploymentVersion).where(
        EmploymentVersion.employment_id == employment.id, EmploymentVersion.superseded_at.is_(None)
    )
    until = live.where(EmploymentVersion.valid_from <= day).order_by(EmploymentVersion.valid_from.desc())
    return (await session.scalars(until.limit(1))).one()


def _attributes(version: EmploymentVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in VERSIONED}


async def _write(session: AsyncSession, employment: Employment, since: date, attributes: dict[str, Any] | None) -> None:
    """From that day on these hold, or (None) nothing does; what was known of it is superseded, not overwritten."""
    reaching = select(EmploymentVersion).where(
        EmploymentVersion.employment_id == employment.id,
        EmploymentVersion.superseded_at.is_(None),
        or_(EmploymentVersion.valid_to.is_(None), EmploymentVersion.valid_to > since),
    )
    fresh = []
    for version in await session.scalars(reaching):
        version.superseded_at = func.now()
        if version.valid_from < since:
            before = {"valid_from": version.valid_from, "valid_to": since, **_attributes(version)}
            fresh.append(EmploymentVersion(employment_id=employment.id, **before))
    if attributes is not None:
        fresh.append(EmploymentVersion(employment_id=employment.id, valid_from=since, **attributes))
    await session.flush()  # first the old ones go: two live ones of a day are refused
    session.add_all(fresh)
    await session.flush()


async def _unit(session: AsyncSession, source: str, names: tuple[str, ...]) -> uuid.UUID:
    """The one unit of another source that is called like the last name; else the directory's own, under the others."""
    called = or_(func.lower(OrgUnit.name) == names[-1].lower(), OrgUnit.code == names[-1])
    known = (await session.scalars(select(OrgUnit.id).where(called, OrgUnit.source != source).limit(2))).all()
    if len(known) == 1:
        return known[0]
    unit_id: uuid.UUID | None = None
    for depth, name in enumerate(names, 1):
        values = {"source": source, "code": " / ".join(names[:depth]), "name": name, "parent_id": unit_id}
        made = insert(OrgUnit).values(id=new_id(), **values)
        unit_id = await session.scalar(
            made.on_conflict_do_update(
                index_elements=["source", "code"], set_={"parent_id": made.excluded.parent_id}
            ).returning(OrgUnit.id)
        )
    assert unit_id is not None
    return unit_id


async def _fact(session: AsyncSession, what: str, employment: Employment, on: date) -> None:
    payload = {
        "employment_id": str(employment.id),
        "source": employment.source,
        "employee_number": employment.employee_number,
        "effective_on": str(on),
    }
    await events.record(
        session, f"people.person_{what}", subject_id=employment.person_id, actor_id=None, payload=payload
    )


async def _account(session: AsyncSession, person: Person, *, is_active: bool) -> None:
    """Closed at once, and its sign-ins end, so that none of them lives on should it be opened again."""
    account = await account_of(session, person.id)
    if person.email and (is_active or account):
        await ensure_accounts(session, [(person.id, person.email, is_active)])
    if account and not is_active:
        await end_sessions(session, account.id)

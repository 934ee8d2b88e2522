"""Granting and withdrawing roles: by officers, over those whom they are for, and never to oneself.

An officer of the whole company grants every role; one who is narrowed to units grants `officer` and `auditor` of these
units or parts of them, to people there. The machine's operator grants the first one (`praxis role grant`).
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import Conflict, Forbidden, NotFound, ProblemError
from api.identity.audit import record
from api.identity.models import Account, RoleGrant
from api.identity.rules import SCOPED, Principal
from api.identity.service import account_of, grant_role
from api.people.models import OrgUnit, Person
from api.people.service import check_within, is_within, within

GIVEN_TO_PEOPLE = ("creator", "officer", "hr_data", "auditor")
READERS = ("officer", "auditor", "hr_data")


class GrantRefused(Forbidden):
    title = "You can't grant this"


class GrantImpossible(ProblemError):
    status = 422
    title = "This role can't be granted like that"


async def grants(session: AsyncSession, who: Principal) -> Sequence[Row[RoleGrant, Account, Person, OrgUnit]]:
    """Live grants as far as the caller's roles reach, by name; an external auditor has no person."""
    name = func.coalesce(Person.display_name, Account.email)
    statement = (
        select(RoleGrant, Account, Person, OrgUnit)
        .join(Account, Account.id == RoleGrant.account_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .outerjoin(OrgUnit, OrgUnit.id == RoleGrant.org_unit_id)
        .where(RoleGrant.role != "service", or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > func.now()))
        .where(within(Account.person_id, who.reach(*READERS)))
        .order_by(name, RoleGrant.role, OrgUnit.name.nulls_first(), RoleGrant.id)
    )
    return (await session.execute(statement)).all()


async def grant(
    session: AsyncSession,
    who: Principal,
    *,
    person_id: uuid.UUID,
    role: str,
    org_unit_id: uuid.UUID | None,
    valid_until: datetime | None,
) -> None:
    """Once or again: the same, with the newer end."""
    if org_unit_id and role not in SCOPED:
        raise GrantImpossible(f"The role {role} is for the whole company: leave the unit out.")
    if valid_until and valid_until <= datetime.now(UTC):
        raise GrantImpossible("Give an end in the future, or none.")
    account = await account_of(session, person_id)
    if account is None or not account.is_active:
        raise NotFound("This person has no account that may sign in.")
    await _check_may(session, who, account, role, org_unit_id)
    if org_unit_id and await session.get(OrgUnit, org_unit_id) is None:
        raise NotFound("There is no such unit; GET /org-units lists them.")
    await grant_role(session, account_id=account.id, role=role, org_unit_id=org_unit_id, valid_until=valid_until)
    after = {"role": role, "org_unit_id": org_unit_id, "valid_until": valid_until}
    await record(
        session, action="identity.role_granted", actor=who, target_type="account", target_id=account.id, after=after
    )


async def withdraw(session: AsyncSession, who: Principal, grant_id: uuid.UUID) -> None:
    """The role ends at once. What follows from a group of the company's sign-in is withdrawn there."""
    found = await session.get(RoleGrant, grant_id, with_for_update=True)
    account = await session.get(Account, found.account_id) if found else None
    if found is None or account is None or found.role == "service":
        raise NotFound("There is no such grant: it may be withdrawn already.")
    if account.id != who.account_id:  # giving up a role of one's own is everybody's right
        await _check_may(session, who, account, found.role, found.org_unit_id)
    if found.source in ("idp", "scim"):
        raise Conflict("This role follows from a group at the company's sign-in: take the person out of the group.")
    before = {"role": found.role, "org_unit_id": found.org_unit_id, "valid_until": found.valid_until}
    await session.delete(found)
    await record(
        session, action="identity.role_withdrawn", actor=who, target_type="account", target_id=account.id, before=before
    )


async def _check_may(
    session: AsyncSession, who: Principal, account: Account, role: str, org_unit_id: uuid.UUID | None
) -> None:
    reach = who.reach("officer")
    if not reach:
        raise GrantRefused("Only compliance officers grant and withdraw roles.")
    if account.id == who.account_id:
        raise GrantRefused("Nobody grants a role to themselves: ask another officer.")
    if reach.everyone:
        return
    if role not in ("officer", "auditor") or not await is_within(session, reach, org_unit_id):
        raise GrantRefused("Your own role is for units: you grant officer and auditor of these units only.")
    if account.person_id is None:
        raise NotFound("There is no such person in your units.")
    await check_within(session, who, account.person_id, "officer")

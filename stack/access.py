"""`praxis role` and `praxis password`: what the machine's operator does before there is an officer, or beside them."""

import secrets
import uuid
from datetime import UTC, datetime, time

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import ProblemError
from api.identity import service
from api.identity.audit import record
from api.identity.models import Account, RoleGrant
from api.identity.rules import GRANTABLE
from api.identity.sessions import end_sessions
from api.people.models import OrgUnit
from api.people.service import find_person
from stack.install import Install
from stack.problems import StackProblem
from stack.screen import table
from stack.transaction import in_transaction


def grant(install: Install, who: str, role: str, unit: str | None, until: datetime | None) -> str:
    """To an account by e-mail, or to a person by what `find_person` takes."""

    async def work(session: AsyncSession) -> str:
        account = await _account(session, who)
        unit_id = await unit_of(session, unit) if unit else None
        end = datetime.combine(until, time.max, UTC) if until else None
        try:
            await service.grant_role(session, account_id=account.id, role=role, org_unit_id=unit_id, valid_until=end)
        except ValueError as error:
            raise StackProblem(str(error)) from error
        after = {"role": role, "org_unit_id": unit_id, "valid_until": end}
        await record(session, action="identity.role_granted", target_type="account", target_id=account.id, after=after)
        return f"{account.email or who} is now {role} of {unit or 'the whole company'}."

    return in_transaction(install, "praxis role grant", work)


def withdraw(install: Install, who: str, role: str) -> str:
    """Of every unit; what was not granted is said, not an error."""

    async def work(session: AsyncSession) -> str:
        account = await _account(session, who)
        gone = delete(RoleGrant).where(RoleGrant.account_id == account.id, RoleGrant.role == role)
        count = len((await session.scalars(gone.returning(RoleGrant.id))).all())
        if not count:
            return f"{account.email or who} is not {role}."
        before = {"role": role, "grants": count}
        await record(
            session, action="identity.role_withdrawn", target_type="account", target_id=account.id, before=before
        )
        return f"{account.email or who} is {role} no more; it counts within two seconds."

    return in_transaction(install, "praxis role withdraw", work)


def listing(install: Install) -> str:
    """Every role that was granted, with the unit and the end."""

    async def work(session: AsyncSession) -> list[tuple[str, ...]]:
        statement = (
            select(Account.email, RoleGrant.role, OrgUnit.name, RoleGrant.valid_until, RoleGrant.source)
            .join(Account, Account.id == RoleGrant.account_id)
            .outerjoin(OrgUnit, OrgUnit.id == RoleGrant.org_unit_id)
            .order_by(RoleGrant.role, Account.email)
        )
        rows = (await session.execute(statement)).all()
        return [
            (str(email or "a service"), role, unit or "whole company", f"{end:%Y-%m-%d}" if end else "", source)
            for email, role, unit, end, source in rows
        ]

    found = in_transaction(install, "praxis role list", work)
    if not found:
        return f"No role is granted yet: `praxis role grant WHO ROLE`, one of {', '.join(sorted(GRANTABLE))}."
    return table([("who", "role", "of", "until", "source"), *found])


def password(install: Install, who: str, *, external: bool) -> str:
    """A new random password, shown once; with `external` for an auditor who is nobody's employee."""

    async def work(session: AsyncSession) -> str:
        if external and await session.scalar(select(Account.id).where(Account.email == who)) is None:
            session.add(Account(email=who))
            await session.flush()
        account = await _account(session, who)
        if account.email is None or not account.is_active:
            raise StackProblem(f"{who} can't sign in: the account is closed or has no e-mail address.")
        fresh = secrets.token_urlsafe(12)
        account.password_hash = service.hash_password(fresh)
        await end_sessions(session, account.id)
        await record(session, action="identity.password_set", target_type="account", target_id=account.id)
        return f"{account.email} signs in with {fresh} and changes it under /account. It is shown this once."

    return in_transaction(install, "praxis password", work)


async def _account(session: AsyncSession, who: str) -> Account:
    account = await session.scalar(select(Account).where(Account.email == who))
    if account is None:
        try:
            person = await find_person(session, who)
        except ProblemError as error:
            raise StackProblem(error.detail) from error
        account = await service.account_of(session, person.id)
    if account is None:
        raise StackProblem(f"{who} has no account.")
    return account


async def unit_of(session: AsyncSession, code: str) -> uuid.UUID:
    found = (await session.scalars(select(OrgUnit).where(OrgUnit.code == code))).all()
    if len(found) != 1:
        codes = ", ".join(sorted(await session.scalars(select(OrgUnit.code))))
        raise StackProblem(f"{len(found) or 'No'} units have the code {code}: there are {codes}.")
    return found[0].id

"""Accounts, passwords (argon2id) and granted roles."""

import asyncio
import functools
import uuid
from collections.abc import Iterable
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import ARRAY, Boolean, Uuid, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import CITEXT, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import ProblemError, Unauthorized
from api.identity.audit import record
from api.identity.models import Account, RoleGrant
from api.identity.rules import EVERYONE, GRANTABLE, SCOPED, WEB

_hasher = PasswordHasher()


SHORTEST_PASSWORD = 12


class SignInFailed(Unauthorized):
    title = "Sign-in failed"


class PasswordRefused(ProblemError):
    status = 422
    title = "The password can't be taken"


class CurrentPasswordWrong(PasswordRefused):
    """A guess, unlike the other reasons."""


@functools.cache
def _absent() -> str:
    """Verified for an unknown e-mail, so that the answer takes as long as for a known one."""
    return _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


async def authenticate(session: AsyncSession, *, email: str, password: str) -> Account:
    """The account of this e-mail and password; unknown and wrong give the same answer in the same time.

    A failure is in the audit log once the caller's transaction commits, so the caller must answer, not raise.
    """
    account = await session.scalar(select(Account).where(Account.email == email))
    stored = account.password_hash if account and account.is_active else None
    if not await _is_password(stored, password) or account is None:
        await _record_failure(session, account)
        raise SignInFailed("E-mail or password is wrong.")
    return account


async def _record_failure(session: AsyncSession, account: Account | None) -> None:
    """Never what was typed: people type their password into the other field."""
    reason = "the account is closed" if account and not account.is_active else "wrong password"
    await record(
        session,
        action="identity.sign_in_failed",
        target_type="account",
        target_id=account.id if account else None,
        client_id=WEB,
        after={"reason": reason if account else "no account has this e-mail"},
    )


async def _is_password(stored: str | None, password: str) -> bool:
    """In the same time whether there is a password or not; off the loop, because it takes 50 ms."""
    try:
        await asyncio.to_thread(_hasher.verify, stored or _absent(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


async def change_password(session: AsyncSession, account: Account, *, current: str, new: str) -> None:
    """PasswordRefused says what is wrong with either."""
    if not await _is_password(account.password_hash, current):
        raise CurrentPasswordWrong("The current password is wrong.")
    name = (account.email or "").split("@")[0].lower()
    if len(new) < SHORTEST_PASSWORD or len(set(new)) < SHORTEST_PASSWORD // 2 or (name and name in new.lower()):
        raise PasswordRefused(f"Take at least {SHORTEST_PASSWORD} characters, varied, without your e-mail's name.")
    account.password_hash = await asyncio.to_thread(hash_password, new)
    await session.flush()


async def roles_of(session: AsyncSession, account: Account) -> frozenset[str]:
    """What every person is, and what this account is granted now."""
    granted = await session.scalars(
        select(RoleGrant.role).where(
            RoleGrant.account_id == account.id,
            or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > func.now()),
        )
    )
    return (EVERYONE if account.person_id else frozenset()) | frozenset(granted)


ENSURE_ACCOUNTS = text(
    """
    insert into account (id, person_id, email, is_active)
    select uuidv7(), person_id, email, is_active
    from unnest(:person_ids, :emails, :active) as given (person_id, email, is_active)
    on conflict (person_id) do update set email = excluded.email, is_active = excluded.is_active
    where (account.email, account.is_active) is distinct from (excluded.email, excluded.is_active)
    returning old.is_active as was_active, new.is_active
    """
).bindparams(
    bindparam("person_ids", type_=ARRAY(Uuid)),
    bindparam("emails", type_=ARRAY(CITEXT)),
    bindparam("active", type_=ARRAY(Boolean)),
)


ENSURE_SELECTED_ACCOUNTS = """
with changed as (
    insert into account (id, person_id, email, is_active)
    select uuidv7(), person_id, email, is_active from ({selection}) given
    on conflict (person_id) do update set email = excluded.email, is_active = excluded.is_active
    where (account.email, account.is_active) is distinct from (excluded.email, excluded.is_active)
    returning old.is_active as was_active, new.is_active as is_active
)
select count(*) filter (where is_active and was_active is not true) as accounts_opened,
    count(*) filter (where was_active and not is_active) as accounts_closed
from changed
"""


async def ensure_accounts(session: AsyncSession, people: list[tuple[uuid.UUID, str, bool]]) -> dict[str, int]:
    """For each (person_id, email, is_active): an account exists and is active or not; passwords are kept.

    How many it opened (again) and closed.
    """
    columns = zip(*people, strict=True) if people else ((), (), ())
    person_ids, emails, active = (list(column) for column in columns)
    parameters = {"person_ids": person_ids, "emails": emails, "active": active}
    changed = (await session.execute(ENSURE_ACCOUNTS, parameters)).all()
    return {
        "accounts_opened": sum(row.is_active and not row.was_active for row in changed),
        "accounts_closed": sum(bool(row.was_active) and not row.is_active for row in changed),
    }


async def ensure_selected_accounts(session: AsyncSession, selection: str) -> dict[str, int]:
    """The same for the rows of a SELECT of (person_id, email, is_active), however many they are."""
    row = (await session.execute(text(ENSURE_SELECTED_ACCOUNTS.format(selection=selection)))).one()
    return dict(row._mapping)


async def set_password(session: AsyncSession, person_ids: Iterable[uuid.UUID], password_hash: str) -> None:
    accounts = await session.scalars(select(Account).where(Account.person_id.in_(list(person_ids))))
    for account in accounts:
        account.password_hash = password_hash


async def open_account(session: AsyncSession, *, email: str, password_hash: str | None = None) -> Account:
    """For somebody outside, such as an auditor: an account that belongs to no person."""
    account = Account(email=email, password_hash=password_hash)
    session.add(account)
    await session.flush()
    return account


async def account_of(session: AsyncSession, person_id: uuid.UUID) -> Account | None:
    account: Account | None = await session.scalar(select(Account).where(Account.person_id == person_id))
    return account


async def email_of(reader: AsyncConnection, account_id: uuid.UUID) -> str | None:
    email: str | None = await reader.scalar(select(Account.email).where(Account.id == account_id))
    return email


async def grant_role(
    session: AsyncSession,
    *,
    account_id: uuid.UUID,
    role: str,
    org_unit_id: uuid.UUID | None = None,
    valid_until: datetime | None = None,
    source: str = "praxis",
) -> None:
    """Grant once or again: the same, with the newer end."""
    if role not in GRANTABLE:
        raise ValueError(f"{role} is not granted; grantable are {sorted(GRANTABLE)}")
    if org_unit_id and role not in SCOPED:
        raise ValueError(f"{role} is for the whole company; a unit narrows {sorted(SCOPED)}")
    values = {"account_id": account_id, "role": role, "org_unit_id": org_unit_id, "source": source}
    granted = insert(RoleGrant).values(**values, valid_until=valid_until)
    await session.execute(
        granted.on_conflict_do_update(
            constraint="uq_role_grant_account_id_role_org_unit_id", set_={"valid_until": valid_until, "source": source}
        )
    )

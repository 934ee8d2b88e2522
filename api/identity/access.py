"""What an account may do now, asked of the database and remembered for two seconds.

So a leaver, a withdrawn role, a sign-out and a revoked grant end access everywhere within `REMEMBERED_S`, whatever
tokens are around; in the process that did it, at once (`forget`).
"""

import time
import uuid
from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import LargeBinary, Row, TextClause, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.core.errors import Unauthorized
from api.identity.rules import OPERATOR, ROLES, SCOPES, WEB, Access, Claims, Principal, principal

T = TypeVar("T", Access, Principal)
REMEMBERED_S = 2.0

LIVE = "from role_grant r where r.account_id = a.id and (r.valid_until is null or r.valid_until > now()) order by r.id"
GRANTS_NOW = f"array(select r.role {LIVE}) as roles, array(select r.org_unit_id {LIVE}) as units"

OF_TOKEN = text(
    f"""
    select a.person_id, {GRANTS_NOW}
    from account a
    where a.id = :account and a.is_active and (:grant is null or exists (
        select from oauth_grant g
        join oauth_client c on c.client_id = g.client_id and c.disabled_at is null
        left join browser_session s on s.id = g.session_id
        where g.id = :grant and g.account_id = a.id and g.ended_at is null
        and (s.id is null or (s.ended_at is null and s.expires_at > now()))
    ))
    """
).bindparams(bindparam("grant", type_=Uuid), bindparam("account", type_=Uuid))

OF_SESSION = text(
    f"""
    select s.id as session_id, a.id as account_id, a.person_id, {GRANTS_NOW}
    from browser_session s join account a on a.id = s.account_id and a.is_active
    where s.secret_hash = :secret and s.ended_at is null and s.expires_at > now()
    """
).bindparams(bindparam("secret", type_=LargeBinary))


class SessionEnded(Unauthorized):
    title = "Sign-in needed"


class AccessNow:
    """One a process, over the engine for reads."""

    def __init__(self, engine: AsyncEngine, *, most: int = 20_000) -> None:
        self._engine, self._most = engine, most
        self._known: dict[object, tuple[float, Principal | Access]] = {}

    def forget(self) -> None:
        """After a change of roles, sessions or grants in this process."""
        self._known.clear()

    async def of_token(self, claims: Claims) -> Principal:
        """The caller of a verified token; SessionEnded where the account, its session or its grant has ended."""
        if claims.grant_id is None and claims.client_id != OPERATOR:
            raise SessionEnded("The token belongs to no sign-in: sign in again.")
        key = (claims.account_id, claims.grant_id)
        access = self._remembered(key)
        if not isinstance(access, Access):
            row = await self._row(OF_TOKEN, {"account": claims.account_id, "grant": claims.grant_id})
            access = self._keep(key, _access(row))
        return principal(claims, access)

    async def of_session(self, secret_hash: bytes) -> Principal:
        """The caller of a browser session, who may do all that their roles allow."""
        known = self._remembered(secret_hash)
        if isinstance(known, Principal):
            return known
        row = await self._row(OF_SESSION, {"secret": secret_hash})
        now = _access(row)
        who = Principal(row.account_id, now.person, now.roles, frozenset(SCOPES), WEB, now.grants)
        return self._keep(secret_hash, who)

    def _remembered(self, key: object) -> Principal | Access | None:
        until, known = self._known.get(key, (0.0, None))
        return known if until > time.monotonic() else None

    def _keep(self, key: object, known: T) -> T:
        if len(self._known) >= self._most:
            self._known.clear()
        self._known[key] = (time.monotonic() + REMEMBERED_S, known)
        return known

    async def _row(self, statement: TextClause, parameters: dict[str, Any]) -> Row[Any]:
        async with self._engine.connect() as reader:
            row = (await reader.execute(statement, parameters)).one_or_none()
        if row is None:
            raise SessionEnded("You are signed out, or the account was closed: sign in again.")
        return row


async def acting(
    connection: AsyncConnection, account_id: uuid.UUID, *, roles: Iterable[str] = ROLES, client_id: str = WEB
) -> Principal:
    """Who a job works for: somebody who ordered it in these roles, narrowed to what they may do now.

    SessionEnded where the account was closed since.
    """
    row = (await connection.execute(OF_TOKEN, {"account": account_id, "grant": None})).one_or_none()
    if row is None:
        raise SessionEnded("The account was closed.")
    return principal(Claims(account_id, client_id, frozenset(roles), frozenset(SCOPES), None, 0.0), _access(row))


def _access(row: Row[Any]) -> Access:
    return Access(row.person_id, frozenset(zip(row.roles, row.units, strict=True)))

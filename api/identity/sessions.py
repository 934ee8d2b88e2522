"""Browser sessions: a random secret in a cookie that no script reads, its hash in the database."""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.identity.audit import record
from api.identity.models import Account, BrowserSession
from api.identity.oauth_models import OAuthGrant


def cookie_name(settings: Settings) -> str:
    """`__Host-` where it is https. With the port in it: a browser sends a host's cookies to all its ports."""
    prefix = "__Host-" if settings.is_https else ""
    return f"{prefix}praxis_{settings.api_port}"


def cookie_options(settings: Settings) -> dict[str, Any]:
    return {"httponly": True, "samesite": "lax", "secure": settings.is_https, "path": "/"}


def hash_of(secret: str) -> bytes:
    """Of a random secret of 256 bits: nothing to guess, so no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def session_secret_hash(cookies: Mapping[str, str], settings: Settings) -> bytes | None:
    secret = cookies.get(cookie_name(settings))
    return hash_of(secret) if secret else None


async def open_session(
    session: AsyncSession,
    settings: Settings,
    account: Account,
    *,
    method: str,
    ip: str | None,
    user_agent: str | None,
    idp_id_token: str | None = None,
    idp_sid: str | None = None,
    authenticated_at: datetime | None = None,
) -> str:
    """The secret of a new session. Always a new one, so that nobody can plant one beforehand (session fixation).

    In the audit log as `identity.signed_in`, so call it last.
    """
    secret, now = secrets.token_urlsafe(32), datetime.now(UTC)
    opened = BrowserSession(
        secret_hash=hash_of(secret),
        account_id=account.id,
        method=method,
        idp_id_token=idp_id_token,
        idp_sid=idp_sid,
        authenticated_at=now if method == "password" else authenticated_at,
        ip=ip,
        user_agent=(user_agent or "")[:300] or None,
        expires_at=now + timedelta(seconds=settings.browser_session_ttl_s),
    )
    session.add(opened)
    await session.flush()
    after = {"session_id": opened.id, "method": method}
    await record(
        session, action="identity.signed_in", actor=account, target_type="account", target_id=account.id, after=after
    )
    return secret


async def find_session(session: AsyncSession, secret_hash: bytes | None) -> BrowserSession | None:
    """The open session of this cookie, of an account that may still sign in."""
    if secret_hash is None:
        return None
    statement = (
        select(BrowserSession)
        .join(Account, Account.id == BrowserSession.account_id)
        .where(
            BrowserSession.secret_hash == secret_hash,
            BrowserSession.ended_at.is_(None),
            BrowserSession.expires_at > datetime.now(UTC),
            Account.is_active,
        )
    )
    found: BrowserSession | None = await session.scalar(statement)
    return found


async def open_sessions(session: AsyncSession, account_id: uuid.UUID) -> list[BrowserSession]:
    """Where this account is signed in, the newest first."""
    statement = select(BrowserSession).where(
        BrowserSession.account_id == account_id,
        BrowserSession.ended_at.is_(None),
        BrowserSession.expires_at > datetime.now(UTC),
    )
    return list(await session.scalars(statement.order_by(BrowserSession.created_at.desc())))


async def end_sessions(
    session: AsyncSession, account_id: uuid.UUID, *, only: uuid.UUID | None = None, but: uuid.UUID | None = None
) -> list[uuid.UUID]:
    """Sign off: these sessions, and every grant that hangs on them, end. Those that ended now: twice is harmless."""
    now = datetime.now(UTC)
    chosen = select(BrowserSession.id).where(BrowserSession.account_id == account_id)
    if only:
        chosen = chosen.where(BrowserSession.id == only)
    if but:
        chosen = chosen.where(BrowserSession.id != but)
    over = update(BrowserSession).where(BrowserSession.id.in_(chosen), BrowserSession.ended_at.is_(None))
    ended = list(await session.scalars(over.values(ended_at=now).returning(BrowserSession.id)))
    grants = update(OAuthGrant).where(OAuthGrant.session_id.in_(chosen), OAuthGrant.ended_at.is_(None))
    await session.execute(grants.values(ended_at=now, reason="signed out"))
    return ended

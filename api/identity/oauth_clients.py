"""Registered clients: Praxis' own pages, other applications, and services."""

import asyncio
import hmac
import secrets
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from api.core.errors import Conflict, NotFound
from api.core.secrets import keep_secret
from api.core.settings import Settings
from api.identity.audit import record
from api.identity.models import Account
from api.identity.oauth_models import OAuthClient, OAuthGrant
from api.identity.rules import ROLES_OF_SCOPE, SCOPES
from api.identity.service import grant_role
from api.identity.sessions import hash_of
from api.identity.tokens import SigningKeys, issue_token

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
CODE_FLOW = ["authorization_code", "refresh_token"]
DASHBOARDS, DAGSTER, DOCS = "praxis-dashboards", "praxis-dagster", "praxis-docs"


class Client(ClientMixin):  # type: ignore[misc]
    """A row as the authorization server asks for it (RFC 6749, 7591 names)."""

    def __init__(self, row: OAuthClient) -> None:
        self.row = row

    @property
    def is_public(self) -> bool:
        return self.row.secret_hash is None

    def get_client_id(self) -> str:
        return self.row.client_id

    def get_default_redirect_uri(self) -> None:
        """Always named in the request (OAuth 2.1)."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """What was asked for, as far as the client was registered for it."""
        asked = set((scope or "").split()) or set(self.row.scopes)
        return " ".join(name for name in SCOPES if name in asked and name in self.row.scopes)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exactly a registered one (RFC 9700, 2.1); of loopback any port, as RFC 8252 wants for native apps."""
        return redirect_uri in self.row.redirect_uris or (
            self.is_public and _without_loopback_port(redirect_uri) in self.row.redirect_uris
        )

    def check_client_secret(self, client_secret: str) -> bool:
        return self.row.secret_hash is not None and hmac.compare_digest(hash_of(client_secret), self.row.secret_hash)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method == "none") == self.is_public

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and "authorization_code" in self.row.grant_types

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.row.grant_types


def _without_loopback_port(uri: str) -> str | None:
    try:
        parts = urlsplit(uri)
        is_loopback = parts.scheme == "http" and parts.hostname in LOOPBACK and "@" not in parts.netloc
    except ValueError:
        return None
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else str(parts.hostname)
    return parts._replace(netloc=host).geturl() if is_loopback else None


def check_redirect(uri: str) -> str:
    """A redirect address that may be registered; ValueError says what is wrong."""
    parts = urlsplit(uri)
    if parts.fragment or "*" in uri or not parts.scheme:
        raise ValueError(f"{uri}: give the whole address, without a fragment and without *.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError(f"{uri}: plain http only on this machine; elsewhere https.")
    if parts.scheme in ("javascript", "data", "file", "vbscript", "blob") or (
        parts.scheme not in ("http", "https") and "." not in parts.scheme
    ):
        raise ValueError(f"{uri}: https, or an app's own scheme in reverse domain form (RFC 8252).")
    return uri


@asynccontextmanager
async def first_party_clients(engine: AsyncEngine, settings: Settings) -> AsyncIterator[None]:
    """Registered at the start, or once the database is there: the API starts without it."""

    async def until_done() -> None:
        while True:
            try:
                return await ensure_first_party_clients(engine, settings)
            except (SQLAlchemyError, OSError):
                await asyncio.sleep(1)

    task = asyncio.create_task(until_done())
    await asyncio.wait({task}, timeout=2)
    yield
    task.cancel()


async def ensure_first_party_clients(engine: AsyncEngine, settings: Settings) -> None:
    """Praxis' own pages, at the addresses that the settings name now. Their secrets are files of the install."""
    own = {
        DASHBOARDS: (
            "Praxis dashboards",
            settings.dashboards_url,
            ["openid", "profile", "email", "courses", "reports", "people", "audit"],
        ),
        DAGSTER: ("Dagster", settings.dagster_url, ["openid", "pipelines"]),
    }
    async with AsyncSession(engine) as session, session.begin():
        for client_id, (name, url, scopes) in own.items():
            secret = client_secret(settings, client_id)
            values = {
                "name": name,
                "secret_hash": hash_of(secret),
                "redirect_uris": [f"{url}/sign-in/callback"],
                "post_logout_uris": [f"{url}/signed-out"],
                "grant_types": CODE_FLOW,
                "scopes": scopes,
                "is_first_party": True,
            }
            await _put(session, client_id, values)
        docs = {
            "name": "API documentation",
            "redirect_uris": [f"{settings.api_url}/docs/oauth2-redirect"],
            "grant_types": CODE_FLOW,
            "scopes": list(SCOPES),
            "is_first_party": True,
        }
        await _put(session, DOCS, docs)


async def _put(session: AsyncSession, client_id: str, values: dict[str, object]) -> None:
    """Written only where it differs: several processes start at once."""
    known = await session.scalar(select(OAuthClient).where(OAuthClient.client_id == client_id))
    if known is None or any(getattr(known, name) != value for name, value in values.items()):
        statement = insert(OAuthClient).values(client_id=client_id, **values)
        await session.execute(statement.on_conflict_do_update(index_elements=["client_id"], set_=values))


def client_secret(settings: Settings, client_id: str) -> str:
    """Of one of Praxis' own confidential clients."""
    return keep_secret(settings.secrets_dir / f"client_{client_id}", lambda: secrets.token_urlsafe(32))


async def register_app(
    session: AsyncSession, *, client_id: str, name: str, redirect_uris: list[str], scopes: list[str], is_public: bool
) -> str | None:
    """Another application that people sign in to; returns its secret, shown once, or None for a public client."""
    secret = None if is_public else secrets.token_urlsafe(32)
    await _add(
        session,
        OAuthClient(
            client_id=client_id,
            name=name,
            secret_hash=hash_of(secret) if secret else None,
            redirect_uris=[check_redirect(uri) for uri in redirect_uris],
            grant_types=CODE_FLOW,
            scopes=_known(scopes),
        ),
    )
    return secret


async def register_service(
    session: AsyncSession, *, client_id: str, name: str, scopes: list[str], org_unit_id: uuid.UUID | None = None
) -> str:
    """A service that acts for itself by client credentials, within a unit or the whole company; returns its secret."""
    secret = secrets.token_urlsafe(32)
    usable = {scope for scope in SCOPES if "service" in ROLES_OF_SCOPE.get(scope, ())}
    if not set(scopes) <= usable:
        raise ValueError(
            f"A service may have {', '.join(sorted(usable))}; not {', '.join(sorted(set(scopes) - usable))}."
        )
    account = Account()
    session.add(account)
    await session.flush()
    await grant_role(session, account_id=account.id, role="service", org_unit_id=org_unit_id)
    client = OAuthClient(
        client_id=client_id,
        name=name,
        secret_hash=hash_of(secret),
        grant_types=["client_credentials"],
        scopes=_known(scopes),
        account_id=account.id,
    )
    await _add(session, client)
    return secret


async def standing_token(
    session: AsyncSession, settings: Settings, *, client_id: str, name: str, scope: str, ttl_s: int
) -> str:
    """A token that a service keeps, for programs that can only be given one. Disabling the client ends it."""
    if await client_by_id(session, client_id) is None:
        await register_service(session, client_id=client_id, name=name, scopes=[scope])
    client = await client_by_id(session, client_id)
    if client is None or client.account_id is None or client.disabled_at or client.scopes != [scope]:
        raise Conflict(f"{client_id} is another client, or disabled: choose another name.")
    grant = OAuthGrant(id=uuid.uuid4(), client_id=client_id, account_id=client.account_id, scope=scope)
    session.add(grant)
    after = {"grant_id": grant.id, "scope": scope, "valid_s": ttl_s}
    await record(
        session, action="identity.standing_token_made", target_type="client", target_id=client_id, after=after
    )
    return issue_token(
        SigningKeys(settings),
        settings,
        account_id=client.account_id,
        client_id=client_id,
        roles=["service"],
        scopes=[scope],
        grant_id=grant.id,
        ttl_s=ttl_s,
    )


async def _add(session: AsyncSession, client: OAuthClient) -> None:
    if await session.scalar(select(OAuthClient.id).where(OAuthClient.client_id == client.client_id)):
        raise Conflict(f"There is a client {client.client_id} already: remove it first, or choose another id.")
    session.add(client)
    await record(
        session,
        action="identity.client_added",
        target_type="client",
        target_id=client.client_id,
        after={
            "name": client.name,
            "redirect_uris": client.redirect_uris,
            "grant_types": client.grant_types,
            "scopes": client.scopes,
            "is_public": client.secret_hash is None,
            "account_id": client.account_id,
        },
    )


def _known(scopes: Iterable[str]) -> list[str]:
    unknown = set(scopes) - set(SCOPES)
    if unknown:
        raise ValueError(f"There is no scope {', '.join(sorted(unknown))}: there are {', '.join(SCOPES)}.")
    return list(scopes)


async def clients(session: AsyncSession) -> list[OAuthClient]:
    return list(await session.scalars(select(OAuthClient).order_by(OAuthClient.client_id)))


async def disable_client(session: AsyncSession, client_id: str) -> None:
    """Its tokens end at once; twice is harmless. Kept, so that the audit log's names stay known."""
    client = await client_by_id(session, client_id)
    if client is None:
        raise NotFound(f"There is no client {client_id}; `praxis client list` shows them.")
    if client.disabled_at is None:
        client.disabled_at = datetime.now(UTC)
        await record(session, action="identity.client_disabled", target_type="client", target_id=client_id)


async def client_by_id(session: AsyncSession, client_id: str) -> OAuthClient | None:
    found: OAuthClient | None = await session.scalar(select(OAuthClient).where(OAuthClient.client_id == client_id))
    return found

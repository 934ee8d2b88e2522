"""`praxis client` and `praxis keys`: who may ask for tokens, and what signs them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import STANDING_TOKEN_TTL_S
from api.credentials.issuer_keys import rotate_issuer_key
from api.identity import oauth_clients
from api.identity.audit import record
from api.identity.oauth_models import OAuthClient
from api.identity.tokens import rotate_keys
from stack.access import unit_of
from stack.install import Install
from stack.problems import StackProblem
from stack.screen import table
from stack.transaction import in_transaction, running_settings

T = TypeVar("T")
DAY_S = 24 * 3600


def add_app(
    install: Install, client_id: str, name: str, redirects: Sequence[str], scopes: Sequence[str], *, is_public: bool
) -> str:
    """An application that people sign in to."""

    async def work(session: AsyncSession) -> str | None:
        return await oauth_clients.register_app(
            session,
            client_id=client_id,
            name=name,
            redirect_uris=list(redirects),
            scopes=list(scopes),
            is_public=is_public,
        )

    return _told(client_id, _registered(install, "praxis client add-app", work))


def add_service(install: Install, client_id: str, name: str, scopes: Sequence[str], unit: str | None) -> str:
    """A program that acts for itself, within a unit or the whole company."""

    async def work(session: AsyncSession) -> str:
        unit_id = await unit_of(session, unit) if unit else None
        return await oauth_clients.register_service(
            session, client_id=client_id, name=name, scopes=list(scopes), org_unit_id=unit_id
        )

    return _told(client_id, _registered(install, "praxis client add-service", work))


def _registered(install: Install, command: str, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    try:
        return in_transaction(install, command, work)
    except ValueError as error:  # says what was typed wrong
        raise StackProblem(str(error)) from error


def scim_token(install: Install, name: str, days: int) -> str:
    """For the company's directory, which is given a token once and keeps it."""
    if not 0 < days * DAY_S <= STANDING_TOKEN_TTL_S:
        raise StackProblem(f"Give between 1 and {STANDING_TOKEN_TTL_S // DAY_S} days.")
    settings = running_settings(install)

    async def work(session: AsyncSession) -> str:
        return await oauth_clients.standing_token(
            session, settings, client_id=f"scim-{name}", name=f"SCIM: {name}", scope="scim", ttl_s=days * DAY_S
        )

    made = _registered(install, "praxis scim token", work)
    return (
        f"Address {settings.api_url}/scim/v2, good for {days} days; `./praxis client remove scim-{name}` ends it at"
        f" once. The token, shown this once:\n{made}"
    )


def listing(install: Install) -> str:
    found = in_transaction(install, "praxis client list", oauth_clients.clients)
    rows = [("id", "name", "kind", "scopes", "redirects to")]
    rows += [(c.client_id, c.name, _kind(c), " ".join(c.scopes), " ".join(c.redirect_uris) or "-") for c in found]
    return table(list(rows))


def remove(install: Install, client_id: str) -> str:
    """Praxis' own pages would be registered anew at the next start, so they stay."""

    async def work(session: AsyncSession) -> None:
        client = await oauth_clients.client_by_id(session, client_id)
        if client and client.is_first_party:
            raise StackProblem(f"{client_id} is one of Praxis' own pages: it stays.")
        await oauth_clients.disable_client(session, client_id)

    in_transaction(install, "praxis client remove", work)
    return f"{client_id} is disabled: its tokens end within two seconds."


def rotate(install: Install, *, now_only: bool) -> str:
    """In the log by the same transaction, so that no key comes without an entry."""
    settings = running_settings(install)

    async def work(session: AsyncSession) -> str:
        await session.connection()  # before anything happens: the database is there
        kid = rotate_keys(settings, keep_old=not now_only)
        after = {"key_id": kid, "old_keys": "dropped" if now_only else "kept until what they signed has expired"}
        await record(session, action="identity.keys_rotated", target_type="keys", target_id=kid, after=after)
        return kid

    kid = in_transaction(install, "praxis keys rotate", work)
    if now_only:
        return f"Tokens are signed by {kid}; all of before are refused from now on: everybody signs in again."
    return f"Tokens are signed by {kid}; those of before are good until they expire."


def rotate_issuer(install: Install) -> str:
    """In the log by the same transaction too. Nothing that was signed before becomes doubtful."""
    settings = running_settings(install)

    async def work(session: AsyncSession) -> str:
        await session.connection()
        public = rotate_issuer_key(settings)
        after = {"public_key": public}
        await record(session, action="learning.issuer_key_rotated", target_type="keys", target_id=public, after=after)
        return public

    public = in_transaction(install, "praxis keys rotate-issuer", work)
    return f"Certificates are signed by {public}; those of before stay proven by the keys that signed them."


def _kind(client: OAuthClient) -> str:
    if client.disabled_at:
        return "disabled"
    if client.is_first_party:
        return "Praxis' own"
    if client.account_id:
        return "service"
    return "app" if client.secret_hash else "public app"


def _told(client_id: str, secret: str | None) -> str:
    if secret is None:
        return f"{client_id} is registered; a public client has no secret."
    return f"{client_id} is registered. Its secret, shown this once:\n{secret}"

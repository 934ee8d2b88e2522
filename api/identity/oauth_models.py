"""Tables of the authorization server: clients, codes, refresh tokens. Secrets are kept as hashes only."""

import uuid
from datetime import datetime

from sqlalchemy import ARRAY, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Keyed, Timestamped


class OAuthClient(Keyed, Timestamped, Base):
    """One row per registered client; a service has an account of its own, whose roles are the client's."""

    __tablename__ = "oauth_client"

    client_id: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[bytes | None]
    """SHA-256 of a random secret of 256 bits; null for a public client."""
    name: Mapped[str]
    redirect_uris: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    post_logout_uris: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    grant_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_first_party: Mapped[bool] = mapped_column(server_default="false")
    """Praxis' own pages: nobody is asked whether they may sign in."""
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    disabled_at: Mapped[datetime | None]


class OAuthGrant(Keyed, Timestamped, Base):
    """One row per 'this client may act for this account': every token of it names it, and ends with it."""

    __tablename__ = "oauth_grant"

    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_client.client_id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("browser_session.id"), index=True)
    """Ends with this browser session; null for a service."""
    scope: Mapped[str]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    """signed out | revoked | code replayed | refresh token reused"""


class AuthorizationCode(Keyed, Timestamped, Base):
    """One row per code, kept after its use, so that a second use is seen (RFC 9700, 2.1.1)."""

    __tablename__ = "oauth_code"

    code_hash: Mapped[bytes] = mapped_column(unique=True)
    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("oauth_grant.id"))
    redirect_uri: Mapped[str]
    code_challenge: Mapped[str]
    nonce: Mapped[str | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RefreshToken(Keyed, Timestamped, Base):
    """One row per refresh token; each is used once, and a second use ends its whole grant."""

    __tablename__ = "oauth_refresh_token"

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("oauth_grant.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

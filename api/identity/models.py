"""Tables of who may sign in, as what, and from where. Persons and units are named by key: identity stands below."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import CITEXT, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Keyed, Timestamped


class Account(Keyed, Timestamped, Base):
    """One row per sign-in: a person's, an external auditor's (no person), a service's (no person, no e-mail)."""

    __tablename__ = "account"

    email: Mapped[str | None] = mapped_column(CITEXT, unique=True)
    password_hash: Mapped[str | None]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), unique=True)
    is_active: Mapped[bool] = mapped_column(server_default="true")
    idp_subject: Mapped[str | None] = mapped_column(unique=True)
    """`issuer subject` at the company's own identity provider, from the first sign-in there on."""


class RoleGrant(Keyed, Timestamped, Base):
    """One row per account, granted role and unit; employee and manager are never granted, they follow from people.

    `org_unit_id` is the top of what the role reaches; null is the whole company.
    """

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("account_id", "role", "org_unit_id", postgresql_nulls_not_distinct=True),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str]
    org_unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("org_unit.id"))
    source: Mapped[str] = mapped_column(server_default="praxis")
    """praxis (granted here) | idp (follows a group there, renewed at each sign-in) | scim (follows a group of SCIM)"""
    valid_until: Mapped[datetime | None]


class SignInGuess(Base):
    """One row per e-mail (or e-mail and known browser) with wrong passwords in a row. Nobody needs to know which."""

    __tablename__ = "sign_in_guess"

    subject_hash: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    open_at: Mapped[datetime] = mapped_column(index=True)
    """No password is looked at before."""


class BrowserSession(Keyed, Timestamped, Base):
    """One row per sign-in of a browser; its cookie holds a secret whose hash alone is kept."""

    __tablename__ = "browser_session"

    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    method: Mapped[str]
    """password | idp"""
    idp_id_token: Mapped[str | None]
    """Names the session to end at the company's identity provider at sign-off."""
    idp_sid: Mapped[str | None] = mapped_column(index=True)
    """The session there, as its sign-off names it (`sid`)."""
    authenticated_at: Mapped[datetime | None]
    """When the person proved who they are, which there can be long before; null where the provider doesn't say."""
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class IdpOnce(Base):
    """One row per thing that may be used once between us and the company's identity provider, until it expires.

    A sign-in on its way, a sign-off on its way, a sign-off that the provider told us.
    """

    __tablename__ = "idp_once"

    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    kept: Mapped[dict[str, Any]] = mapped_column(JSONB)
    expires_at: Mapped[datetime] = mapped_column(index=True)

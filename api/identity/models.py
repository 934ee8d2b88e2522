"""Tables of who may sign in."""

import uuid

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import CITEXT
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Keyed, Timestamped


class Account(Keyed, Timestamped, Base):
    """One row per sign-in. The person is named by key only: identity stands below people."""

    __tablename__ = "account"

    email: Mapped[str] = mapped_column(CITEXT, unique=True)
    password_hash: Mapped[str | None]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), unique=True)
    is_active: Mapped[bool] = mapped_column(server_default="true")


class RoleGrant(Keyed, Timestamped, Base):
    """One row per account and granted role; employee and manager are never granted, they follow from people."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("account_id", "role"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str]

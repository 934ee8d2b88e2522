"""What the directory told, as it told it. Persons, employments and accounts follow from it: see `users`."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Computed, ForeignKey, Index, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Timestamped


class ScimResource(Timestamped, Base):
    """One row per User (its id is the person's) and Group of the directory."""

    __tablename__ = "scim_resource"
    __table_args__ = (
        # Each `eq` of a filter is a containment: userName, externalId, emails.value, whatever it names.
        Index(
            "ix_scim_resource_folded",
            "folded",
            postgresql_using="gin",
            postgresql_ops={"folded": "jsonb_path_ops"},
            postgresql_with={"fastupdate": "off"},
        ),
        Index("uq_scim_resource_user_name", "user_name", unique=True),
        Index("ix_scim_resource_kind_id", "kind", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """User | Group"""
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """As JSON of SCIM, without what is kept elsewhere: id, meta, members, groups. Never a password."""
    folded: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The same as filters compare it: names in lower case, values too unless they are case-exact."""
    user_name: Mapped[str | None] = mapped_column(Computed("folded ->> 'username'", persisted=True))
    revision: Mapped[int] = mapped_column(server_default="1")
    modified_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ScimMember(Base):
    """One row per User in a Group."""

    __tablename__ = "scim_member"

    group_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("scim_resource.id", ondelete="cascade"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("scim_resource.id", ondelete="cascade"), primary_key=True, index=True
    )
    display: Mapped[str | None]
    """What the directory called the member; null: by name."""

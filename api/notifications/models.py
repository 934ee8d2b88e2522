"""What people are told, and how they chose to hear it."""

import uuid
from datetime import datetime, time
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base


class Notification(Base):
    """One row per person, kind and subject, so that deriving it twice is harmless."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "subject"),
        CheckConstraint(
            "mail in ('waiting', 'sent', 'unwanted', 'no_server', 'no_address', 'moot', 'left', 'given_up')",
            name="mail",
        ),
        Index("ix_notification_waiting", "mail_at", postgresql_where=text("mail = 'waiting'")),
        Index("ix_notification_shown", "person_id", "id", postgresql_where=text("is_shown")),
        Index("ix_notification_unread", "person_id", postgresql_where=text("is_shown and read_at is null")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    subject: Mapped[str]
    """What it is about: an id of an event, an enrollment, a due date."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What its words are made of, in the reader's language, whenever they read it."""
    occurred_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    is_shown: Mapped[bool] = mapped_column(server_default=text("true"))
    """In the app, by the person's choice on the day it was derived."""
    read_at: Mapped[datetime | None]
    mail: Mapped[str] = mapped_column(server_default="waiting")
    """docs/notifications.md says what each state means."""
    mail_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When delivery looks at it next."""
    mail_tries: Mapped[int] = mapped_column(server_default="0")
    mail_error: Mapped[str | None]
    message_id: Mapped[str | None]


class NotificationChoice(Base):
    """One row per person and kind for which they chose; who didn't has the defaults of `rules.KINDS`."""

    __tablename__ = "notification_choice"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    app: Mapped[bool]
    mail: Mapped[bool]


class NotificationTimes(Base):
    """One row per person who chose when mail may come, by the clock of their time zone."""

    __tablename__ = "notification_times"
    __table_args__ = (
        CheckConstraint("digest in ('off', 'daily', 'weekly')", name="digest"),
        CheckConstraint("(quiet_from is null) = (quiet_to is null)", name="quiet"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    digest: Mapped[str]
    digest_at: Mapped[time]
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]
    is_weekend_quiet: Mapped[bool]


class NotificationWatermark(Base):
    """One row, `event`: transactions below `xid` were read; what happened before `since` is never told."""

    __tablename__ = "notification_watermark"

    name: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime] = mapped_column(server_default=func.now())

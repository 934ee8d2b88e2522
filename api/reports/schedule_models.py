"""Reports that come by themselves, and what became of each file of theirs."""

import uuid
from datetime import datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Keyed, Timestamped


class ReportSchedule(Keyed, Timestamped, Base):
    """One row per schedule that somebody made."""

    __tablename__ = "report_schedule"
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        Index("ix_report_schedule_next_at", "next_at", postgresql_where=text("next_at is not null")),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """The most that the owner's own file is made in."""
    name: Mapped[str]
    question: Mapped[dict[str, Any]] = mapped_column(JSONB)
    every: Mapped[str]
    """daily | weekly | monthly"""
    at: Mapped[time]
    """By the clock of `time_zone`."""
    weekday: Mapped[int | None] = mapped_column(SmallInteger)
    day: Mapped[int | None] = mapped_column(SmallInteger)
    time_zone: Mapped[str]
    recipients: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    """Persons who get a file of their own by mail."""
    targets: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Names that the operator configured; they get the owner's file."""
    next_at: Mapped[datetime | None]
    """Null while it is paused."""
    last_due_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    """Why it was paused, where that wasn't its owner."""


class ReportDelivery(Keyed, Timestamped, Base):
    """One row per due time, account as whom the file is made, and way: so a due time is served once."""

    __tablename__ = "report_delivery"
    __table_args__ = (
        UniqueConstraint("schedule_id", "due_at", "account_id", "target"),
        Index("ix_report_delivery_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
    )

    schedule_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("report_schedule.id", ondelete="CASCADE"))
    due_at: Mapped[datetime]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    target: Mapped[str]
    """`mail`, or a name that the operator configured."""
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("report_run.id"))
    state: Mapped[str] = mapped_column(server_default="waiting")
    """waiting | sent | unwanted (no mail of this kind, by their own choice) | failed"""
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    next_at: Mapped[datetime] = mapped_column(server_default=func.now())
    problem: Mapped[str | None]
    """Of the last attempt."""
    finished_at: Mapped[datetime | None]

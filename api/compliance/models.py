"""What must be learned, what each person owes by it, and who need not."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.core.db import Base, Keyed
from api.courses.models import Course
from api.people.models import Person


class Requirement(Keyed, Base):
    """One row per course that is mandatory for an audience. A change keeps what was as a superseded copy, with
    `succeeded_by` this row, whose id stays.

    Due: `due_within_days` after `due_from` (the first day of the employment, the day on which somebody came into the
    audience, or `valid_from`), or on `due_day`; whoever comes too late for that has the days from when they came.
    """

    __tablename__ = "requirement"
    __table_args__ = (
        CheckConstraint("due_from in ('hire', 'move', 'publication', 'day')", name="due_from"),
        CheckConstraint("(due_from = 'day') = (due_day is not null)", name="due_day"),
        CheckConstraint("every_months between 1 and 120", name="every_months"),
        CheckConstraint("valid_to >= valid_from", name="time"),
    )

    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"))
    title: Mapped[str] = mapped_column(server_default="")
    """Empty: the course's."""
    audience: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    """As api.compliance.audience has it."""
    due_from: Mapped[str] = mapped_column(server_default="hire")
    due_within_days: Mapped[int]
    due_day: Mapped[date | None]
    every_months: Mapped[int | None]
    """Null: once. With a `due_day` on fixed days, else so long after it was done."""
    renewal_days: Mapped[int] = mapped_column(server_default="30")
    """So long before it is due again it can be renewed."""
    counts_earlier: Mapped[bool] = mapped_column(server_default="true")
    """Whether it counts what was done before it was asked for."""
    counts_rehire: Mapped[bool] = mapped_column(server_default="true")
    """Whether it counts what was done in an earlier employment."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[datetime | None]
    succeeded_by: Mapped[uuid.UUID | None]

    course: Mapped[Course] = relationship(lazy="raise")


class ObligationRow(Keyed, Base):
    """One row per employment, requirement and period in which the same is owed; derived, so never written by hand, and
    without foreign keys, which would cost more than the rows.

    True from `valid_from` until before `valid_to`, known from `recorded_at` until `superseded_at`. A period is settled by
    the completion that it names; the next one opens with its renewal window, as a row of its own.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        CheckConstraint("valid_to > valid_from", name="time"),
        Index(
            "uq_obligation_current",
            "employment_id",
            "requirement_id",
            "valid_from",
            unique=True,
            postgresql_where=text("superseded_at is null"),
        ),
        Index("ix_obligation_person_id", "person_id"),
        Index("ix_obligation_requirement_id", "requirement_id", postgresql_where=text("superseded_at is null")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    person_id: Mapped[uuid.UUID]
    employment_id: Mapped[uuid.UUID]
    requirement_id: Mapped[uuid.UUID]
    course_id: Mapped[uuid.UUID]
    period: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    assigned_on: Mapped[date]
    due_on: Mapped[date]
    counts_from: Mapped[date | None]
    """The first day on which a completion settles it; null: whenever it was."""
    next_due_on: Mapped[date | None]
    completed_at: Mapped[datetime | None]
    enrollment_id: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[datetime | None]


class Waiver(Keyed, Base):
    """One row per person who need not fulfil a requirement, for a time or for good; ending it supersedes the row."""

    __tablename__ = "waiver"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="time"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_waiver_person_id", "person_id", postgresql_where=text("superseded_at is null")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    requirement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("requirement.id"))
    reason: Mapped[str]
    approved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """The first day on which it no longer holds."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise")
    requirement: Mapped[Requirement] = relationship(lazy="raise")


class ObligationWatermark(Base):
    """The one row that says up to which event obligations are recorded, and of which tree of units."""

    __tablename__ = "obligation_watermark"

    name: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int | None] = mapped_column(BigInteger)
    """Null: nothing was recorded yet."""
    units: Mapped[str | None]

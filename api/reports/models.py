"""Which state an answer was given of, and the files that were asked for."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from api.core.db import Base, Keyed, Timestamped


class PgSnapshot(UserDefinedType[str]):
    """Which transactions a statement saw: `xmin:xmax:those between that ran then`."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "pg_snapshot"


class ReportSnapshot(Base):
    """One row per state that an answer was given of; its number repeats the answer."""

    __tablename__ = "report_snapshot"

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    lake_snapshot: Mapped[int] = mapped_column(BigInteger)
    """Where the mart is read."""
    tail: Mapped[str] = mapped_column(PgSnapshot)
    """Where the tail of newer events ends."""
    day: Mapped[date]
    """UTC: what is overdue depends on it."""
    taken_at: Mapped[datetime]


class Reminder(Base):
    """One row per person, course and UTC day on which somebody reminded them; a second one that day is none."""

    __tablename__ = "reminder"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"), primary_key=True)
    sent_on: Mapped[date] = mapped_column(primary_key=True)
    sent_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    due_on: Mapped[date]
    """What it was about, as of then."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ReportRun(Keyed, Timestamped, Base):
    """One row per file that somebody asked for."""

    __tablename__ = "report_run"
    __table_args__ = (
        Index("ix_report_run_account_id_id", "account_id", "id"),
        Index(
            "ix_report_run_unfinished",
            "account_id",
            "roles",
            text("md5(question::text)"),
            unique=True,
            postgresql_where=text("state in ('waiting', 'running')"),
        ),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """The most that the asker acts as; the job takes away what they may no longer."""
    client_id: Mapped[str]
    question: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """A ReportQuestion as JSON, its format included."""
    state: Mapped[str] = mapped_column(server_default="waiting")
    """waiting | running | done | failed | cancelled | expired (was done; its file is gone)"""
    rows_total: Mapped[int | None] = mapped_column(BigInteger)
    rows_done: Mapped[int] = mapped_column(BigInteger, server_default="0")
    expected_s: Mapped[float | None]
    """How long it takes from its start, by what is left and how fast it goes."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    snapshot_number: Mapped[int | None] = mapped_column(BigInteger)
    """Taken at the first start, so that a second attempt gives the same."""
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The Freshness that the file carries."""
    file_name: Mapped[str | None]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str | None]
    """Why it failed, and what to do."""

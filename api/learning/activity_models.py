"""What a learner does in packages and at live sessions.

Both are kept by the step's `stem_id`: who moves to a newer version of the course keeps them.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base


class PackageState(Base):
    """One row per enrollment, step and item of a package: what it asked to be kept (`cmi`), and what follows from it.

    Of one bundle: another package in the same step can do nothing with what the one before it kept.
    """

    __tablename__ = "package_state"
    __table_args__ = (
        CheckConstraint("percent between 0 and 100", name="percent"),
        CheckConstraint("score_percent between 0 and 100", name="score_percent"),
    )

    enrollment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrollment.id"), primary_key=True)
    stem_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    bundle: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    cmi: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    is_finished: Mapped[bool] = mapped_column(server_default=text("false"))
    """The learner said so, where the package itself says nothing."""
    percent: Mapped[int]
    score_percent: Mapped[int | None]
    tab: Mapped[uuid.UUID]
    """The page that saved last: another one has to read first what this one saved."""
    revision: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    total_s: Mapped[float] = mapped_column(server_default="0")
    """Seconds of all visits, as the package counts them."""
    told_s: Mapped[float] = mapped_column(server_default="0")
    """Of them, those that facts tell of; the rest is of the visit that goes on, or was broken off."""
    is_visit_told: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether there is a fact of the newest visit already; a package may count no time."""


class LiveAttendance(Base):
    """One row per enrollment and live session that somebody marked."""

    __tablename__ = "live_attendance"
    __table_args__ = (CheckConstraint("status in ('present', 'absent', 'excused')", name="status"),)

    enrollment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrollment.id"), primary_key=True)
    stem_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    marked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    marked_at: Mapped[datetime]

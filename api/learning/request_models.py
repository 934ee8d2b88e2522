"""Wishes to learn that somebody else or a free seat has to answer."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Keyed

PENDING, WAITING, DECLINED, WITHDRAWN, ENROLLED = "pending_approval", "waiting", "declined", "withdrawn", "enrolled"
OPEN = (PENDING, WAITING)


class EnrollmentRequest(Keyed, Base):
    """One row per wish; one open one per person and course. First the manager's yes (`pending_approval`), where the
    course asks for it, then a seat (`waiting`), then `enrolled`.
    """

    __tablename__ = "enrollment_request"
    __table_args__ = (
        CheckConstraint(
            "status in ('waiting', 'pending_approval', 'declined', 'withdrawn', 'enrolled')", name="status"
        ),
        CheckConstraint("status <> 'waiting' or waiting_since is not null", name="waiting"),
        Index(
            "uq_enrollment_request_open",
            "person_id",
            "course_id",
            unique=True,
            postgresql_where=text("status in ('waiting', 'pending_approval')"),
        ),
        Index(
            "ix_enrollment_request_list",
            "course_id",
            "waiting_since",
            "id",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_enrollment_request_person_id", "person_id", "course_id"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"))
    status: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    """Of who decided. Kept here alone and in no event: what somebody wrote can be erased."""
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    requested_at: Mapped[datetime]
    waiting_since: Mapped[datetime | None]
    """The place in the waiting list: nobody is overtaken by who was approved later."""

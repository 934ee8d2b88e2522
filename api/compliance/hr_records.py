"""What goes back to an HR system, and what became of it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Keyed, Timestamped


class HrRecord(Keyed, Timestamped, Base):
    """One row per completion, certificate or revocation and HR source; its `key` there is `kind:subject_id`."""

    __tablename__ = "hr_record"
    __table_args__ = (
        UniqueConstraint("source", "kind", "subject_id"),
        CheckConstraint("kind in ('completion', 'certificate', 'revocation')", name="kind"),
        CheckConstraint("state in ('waiting', 'sent', 'accepted', 'refused')", name="state"),
        Index("ix_hr_record_person_id", "person_id"),
        Index("ix_hr_record_next_at", "source", "next_at", postgresql_where=text("state in ('waiting', 'sent')")),
    )

    source: Mapped[str]
    kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    """The enrollment, or the certificate."""
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    employee_number: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="waiting")
    """waiting | sent (no word yet) | accepted | refused (why: `reason`)"""
    reason: Mapped[str | None]
    """Of a refusal; of one that waits: why it didn't go through last time."""
    reference: Mapped[str | None]
    """What the HR system calls it."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

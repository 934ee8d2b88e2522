"""What was really played and read, and the sessions in which that happened.

Both are kept by the step's `stem_id` and its file: who moves to another version keeps them while the file is the same.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import NUMMULTIRANGE
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Keyed

NO_FILE = uuid.UUID(int=0)
"""Stands for the file of a step that has none."""


class PlaySession(Keyed, Base):
    """One row per opening of a video or document; what is credited in it is bounded by the time since it began."""

    __tablename__ = "play_session"
    __table_args__ = (Index("ix_play_session_person_id", "person_id", "started_at"),)

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    enrollment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrollment.id"))
    stem_id: Mapped[uuid.UUID]
    file_id: Mapped[uuid.UUID]
    started_at: Mapped[datetime]
    covered: Mapped[Any] = mapped_column(NUMMULTIRANGE, server_default="{}")
    spent_s: Mapped[float] = mapped_column(server_default=text("0"))
    """Of its time, at the rates that were claimed."""
    least_s: Mapped[float] = mapped_column(server_default=text("0"))
    """Of its time, at the fastest rate."""


class Playback(Base):
    """One row per enrollment, step and file: the union of all that was credited. Page n of a document is [n - 1, n)."""

    __tablename__ = "playback"

    enrollment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrollment.id"), primary_key=True)
    stem_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    file_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    covered: Mapped[Any] = mapped_column(NUMMULTIRANGE)
    updated_at: Mapped[datetime]

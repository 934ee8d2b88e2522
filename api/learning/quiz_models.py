"""What an open attempt holds, and whose attempts take longer."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.core.db import Base
from api.people.models import Person


class QuizAnswer(Base):
    """One row per question of an open attempt, the newest answer only; gone once the attempt is scored, which keeps
    what was answered.
    """

    __tablename__ = "quiz_answer"

    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("quiz_sitting.id"), primary_key=True)
    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id"), primary_key=True)
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """As AnswerIn, maybe unfinished: a number that is none yet."""
    revision: Mapped[int] = mapped_column(BigInteger)
    saved_at: Mapped[datetime]


class ExtraTime(Base):
    """One row per person whose quizzes take longer. It says something of their health, so it is in no event and in no
    report; the audit log has the percentage, never the reason.
    """

    __tablename__ = "extra_time"
    __table_args__ = (CheckConstraint("percent between 1 and 300", name="percent"),)

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    percent: Mapped[int]
    reason: Mapped[str] = mapped_column(server_default="")
    set_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")

"""A person's way through one version of a course."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.core.db import Base, Keyed, Timestamped
from api.courses.models import Course, CourseVersion
from api.people.models import Person


class Enrollment(Keyed, Timestamped, Base):
    """One row per person and course while not withdrawn; pinned to the version it began with."""

    __tablename__ = "enrollment"
    __table_args__ = (
        Index(
            "uq_enrollment_person_id_course_id",
            "person_id",
            "course_id",
            unique=True,
            postgresql_where=text("withdrawn_at is null"),
        ),
        Index("ix_enrollment_course_id", "course_id"),
        Index("ix_enrollment_person_id", "person_id"),
        CheckConstraint("progress_percent between 0 and 100", name="progress_percent"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"))
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course_version.id"))
    enrolled_at: Mapped[datetime]
    last_activity_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    progress_percent: Mapped[int] = mapped_column(server_default="0")
    score_percent: Mapped[int | None]
    retake_version_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("course_version.id"))
    """Of a finished one: the version with a material change, that this person must take anew."""

    person: Mapped[Person] = relationship(lazy="raise")
    course: Mapped[Course] = relationship(lazy="raise")
    version: Mapped[CourseVersion] = relationship(foreign_keys=[version_id], lazy="raise")


class CourseRating(Keyed, Timestamped, Base):
    """One row per person and course, theirs to change; `version_id` is the one that they learned with."""

    __tablename__ = "course_rating"
    __table_args__ = (
        UniqueConstraint("course_id", "person_id"),
        CheckConstraint("stars between 1 and 5", name="stars"),
    )

    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course_version.id"))
    stars: Mapped[int]
    comment: Mapped[str] = mapped_column(server_default="")
    """Kept here alone and in no event: what somebody wrote can be erased."""
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ModuleProgress(Base):
    """One row per enrollment and module; `percent` and `completed_at` only ever advance."""

    __tablename__ = "module_progress"
    __table_args__ = (CheckConstraint("percent between 0 and 100", name="percent"),)

    enrollment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrollment.id"), primary_key=True)
    module_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("module.id"), primary_key=True)
    percent: Mapped[int]
    position_s: Mapped[float | None] = mapped_column(Numeric(10, 2, asdecimal=False))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When the client says the position was true: a late, older message doesn't move the position back."""
    completed_at: Mapped[datetime | None]


class QuizAttempt(Keyed, Base):
    """One row per submitted attempt; the client chooses `id`, so sending it again is the same attempt."""

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        UniqueConstraint("enrollment_id", "module_id", "number"),
        CheckConstraint("ended_by in ('learner', 'time')", name="ended_by"),
    )

    enrollment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrollment.id"))
    module_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("module.id"))
    number: Mapped[int]
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    score_percent: Mapped[int]
    is_passed: Mapped[bool]
    submitted_at: Mapped[datetime]
    ended_by: Mapped[str] = mapped_column(server_default="learner")
    """`time`: the server submitted what was saved until then."""


class QuizSitting(Keyed, Base):
    """One row per attempt that was begun: what it asks, in which order, and until when. The attempt has the same id."""

    __tablename__ = "quiz_sitting"
    __table_args__ = (UniqueConstraint("enrollment_id", "module_id", "number"),)

    enrollment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrollment.id"))
    module_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("module.id"))
    number: Mapped[int]
    question_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    extra_percent: Mapped[int] = mapped_column(server_default="0")
    """Of the time limit, for this person; part of `due_at`."""

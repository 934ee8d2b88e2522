"""A course, its versions (immutable once published), their modules and quiz questions."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.core.db import Base, Keyed, Timestamped
from api.media.models import MediaObject

SEARCH = (
    "setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', summary), 'B')"
    " || setweight(to_tsvector('english', description), 'C')"
)


class Course(Keyed, Timestamped, Base):
    """One row per course, whatever its versions; `current_version_id` is what a new learner gets."""

    __tablename__ = "course"

    slug: Mapped[str] = mapped_column(unique=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    current_version_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("course_version.id", use_alter=True, name="fk_course_current_version_id"), unique=True
    )


class CourseAuthor(Timestamped, Base):
    """One row per co-author of a course; the owner is not one of them."""

    __tablename__ = "course_author"

    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class CourseVersion(Keyed, Timestamped, Base):
    """One row per version of a course; after `published_at` is set a trigger refuses any change."""

    __tablename__ = "course_version"
    __table_args__ = (
        UniqueConstraint("course_id", "number"),
        CheckConstraint("difficulty in ('beginner', 'intermediate', 'advanced')", name="difficulty"),
        Index("ix_course_version_search", "search", postgresql_using="gin"),
        Index(
            "ix_course_version_title_trgm", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}
        ),
        Index("ix_course_version_title", "title", "id"),
        Index("ix_course_version_category", "category", "title", "id"),
    )

    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"))
    number: Mapped[int]
    title: Mapped[str]
    summary: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    category: Mapped[str]
    difficulty: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="en")
    duration_min: Mapped[int]
    pass_percent: Mapped[int] = mapped_column(server_default="80")
    published_at: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(TSVECTOR, Computed(SEARCH, persisted=True), deferred=True)

    course: Mapped[Course] = relationship(foreign_keys=[course_id], lazy="raise")
    modules: Mapped[list["Module"]] = relationship(back_populates="version", order_by="Module.position", lazy="raise")


class Module(Keyed, Base):
    """One row per step of a version, in order; `media` for videos and documents, `body` for text."""

    __tablename__ = "module"
    __table_args__ = (
        UniqueConstraint("version_id", "position"),
        CheckConstraint("kind in ('video', 'document', 'text', 'quiz')", name="kind"),
    )

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course_version.id"))
    position: Mapped[int]
    kind: Mapped[str]
    title: Mapped[str]
    duration_s: Mapped[int]
    body: Mapped[str] = mapped_column(server_default="")
    media_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("media_object.id"))

    version: Mapped[CourseVersion] = relationship(back_populates="modules", lazy="raise")
    media: Mapped[MediaObject | None] = relationship(lazy="raise")
    questions: Mapped[list["Question"]] = relationship(
        back_populates="module", order_by="Question.position", lazy="raise"
    )


class Question(Keyed, Base):
    """One row per quiz item; `kind` single or multiple."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("module_id", "position"),
        CheckConstraint("kind in ('single', 'multiple')", name="kind"),
    )

    module_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("module.id"))
    position: Mapped[int]
    kind: Mapped[str]
    prompt: Mapped[str]

    module: Mapped[Module] = relationship(back_populates="questions", lazy="raise")
    choices: Mapped[list["Choice"]] = relationship(back_populates="question", order_by="Choice.position", lazy="raise")


class Choice(Keyed, Base):
    """One row per answer that a quiz item offers."""

    __tablename__ = "choice"
    __table_args__ = (UniqueConstraint("question_id", "position"),)

    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id"))
    position: Mapped[int]
    label: Mapped[str]
    is_correct: Mapped[bool] = mapped_column(server_default=text("false"))

    question: Mapped[Question] = relationship(back_populates="choices", lazy="raise")

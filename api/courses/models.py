"""A course, its versions (immutable once published), their modules and quiz questions."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Integer, Text, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.core.db import Base, Keyed, Timestamped
from api.media.models import MediaAsset

SEARCH = (
    "setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', summary), 'B')"
    " || setweight(to_tsvector('english', description), 'C')"
)

LATE: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
"""Checked at the commit, so that parts may change places."""


class Course(Keyed, Timestamped, Base):
    """One row per course, whatever its versions; `current_version_id` is what a new learner gets."""

    __tablename__ = "course"
    __table_args__ = (
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("certificate_valid_months > 0", name="certificate_valid_months"),
    )

    slug: Mapped[str] = mapped_column(unique=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    current_version_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("course_version.id", use_alter=True, name="fk_course_current_version_id"), unique=True
    )
    archived_at: Mapped[datetime | None]
    capacity: Mapped[int | None]
    """How many may learn at once; who comes later waits. None: everybody."""
    needs_approval: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether the manager has to say yes before somebody is enrolled."""
    certificate_valid_months: Mapped[int | None]
    """After that its certificates have expired, and the course is to be taken again. None: they never do."""


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
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    cover_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("media_asset.id"))
    cover_alt: Mapped[str] = mapped_column(server_default="")
    prerequisite_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    """Courses to finish before enrolling. An array: as immutable as the row, and no course is ever deleted."""
    completion: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default='{"rule": "all"}')
    """What finishes the course: `rule` is all, weighted or minimum_score, each with what it needs."""
    revision: Mapped[int] = mapped_column(server_default="1")
    """Grows with each saved change of a draft; an author's If-Match names it."""
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    publish_at: Mapped[datetime | None]
    publishing: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """How it was or is to be published: whether learners move, and who said so."""
    publish_failure: Mapped[str | None]
    """Why the publishing that was scheduled didn't happen."""
    impact: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Whom publishing it touched, and what had changed since the version before."""
    notes: Mapped[str] = mapped_column(server_default="")
    """What is new, in the authors' words."""
    is_material: Mapped[bool] = mapped_column(server_default=text("false"))
    published_at: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(TSVECTOR, Computed(SEARCH, persisted=True), deferred=True)

    course: Mapped[Course] = relationship(foreign_keys=[course_id], lazy="raise")
    cover: Mapped[MediaAsset | None] = relationship(lazy="raise")
    sections: Mapped[list["Section"]] = relationship(
        back_populates="version", order_by="Section.position", lazy="raise"
    )
    modules: Mapped[list["Module"]] = relationship(back_populates="version", order_by="Module.position", lazy="raise")


class Section(Keyed, Base):
    """One row per heading of a version, in order; modules may stand below one."""

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("version_id", "position", **LATE),)

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course_version.id"))
    position: Mapped[int]
    title: Mapped[str]

    version: Mapped[CourseVersion] = relationship(back_populates="sections", lazy="raise")


class Module(Keyed, Base):
    """One row per step of a version, in order; `media` for videos, documents and packages, `body` for text.

    `stem_id` is the step across the versions of a course: a new draft's copy has its original's.
    """

    __tablename__ = "module"
    __table_args__ = (
        UniqueConstraint("version_id", "position", **LATE),
        CheckConstraint("kind in ('video', 'document', 'text', 'quiz', 'link', 'package', 'live')", name="kind"),
    )

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course_version.id"))
    position: Mapped[int]
    kind: Mapped[str]
    title: Mapped[str]
    duration_s: Mapped[int]
    body: Mapped[str] = mapped_column(server_default="")
    media_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("media_asset.id"))
    stem_id: Mapped[uuid.UUID] = mapped_column(server_default=text("uuidv7()"), index=True)
    section_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("section.id"))
    weight: Mapped[int] = mapped_column(server_default="1")
    url: Mapped[str] = mapped_column(server_default="")
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    """What only this kind of module has: a quiz's attempts and time limit, a live session's date and place."""

    version: Mapped[CourseVersion] = relationship(back_populates="modules", lazy="raise")
    section: Mapped[Section | None] = relationship(lazy="raise")
    media: Mapped[MediaAsset | None] = relationship(lazy="raise")
    questions: Mapped[list["Question"]] = relationship(
        back_populates="module", order_by="Question.position", lazy="raise"
    )


class Question(Keyed, Base):
    """One row per quiz item of a version. `item_id` and `item_version` are the item across versions and quizzes:
    statistics belong to them, and an edited item has a new `item_version`.
    """

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("module_id", "position", **LATE),
        CheckConstraint(
            "kind in ('single', 'multiple', 'ordering', 'matching', 'numeric', 'short_text', 'cloze')", name="kind"
        ),
    )

    module_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("module.id"))
    position: Mapped[int]
    kind: Mapped[str]
    prompt: Mapped[str]
    item_id: Mapped[uuid.UUID] = mapped_column(server_default=text("uuidv7()"), index=True)
    item_version: Mapped[int] = mapped_column(server_default="1")
    points: Mapped[int] = mapped_column(server_default="1")
    spec: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    """The right answer of kinds without choices: value and tolerance, accepted texts, gaps."""
    feedback: Mapped[str] = mapped_column(server_default="")
    image_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("media_asset.id"))
    image_alt: Mapped[str] = mapped_column(server_default="")
    draws: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")
    """Which of the quiz's random draws may ask it, by their place; of those that always are asked: none.
    These are copied from banks at publishing, and are not part of a draft."""

    image: Mapped[MediaAsset | None] = relationship(lazy="raise")
    module: Mapped[Module] = relationship(back_populates="questions", lazy="raise")
    choices: Mapped[list["Choice"]] = relationship(back_populates="question", order_by="Choice.position", lazy="raise")


class Choice(Keyed, Base):
    """One row per answer that a quiz item offers; `match` is its partner in a matching item."""

    __tablename__ = "choice"
    __table_args__ = (UniqueConstraint("question_id", "position", **LATE),)

    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id"))
    position: Mapped[int]
    label: Mapped[str]
    is_correct: Mapped[bool] = mapped_column(server_default=text("false"))
    feedback: Mapped[str] = mapped_column(server_default="")
    match: Mapped[str] = mapped_column(server_default="")

    question: Mapped[Question] = relationship(back_populates="choices", lazy="raise")

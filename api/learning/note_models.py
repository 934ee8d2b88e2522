"""What learners write at a place of a course: notes and bookmarks for themselves, comments for each other.

A place is a step by its `stem_id`, so that it stays through newer versions of the course, and seconds into its video.
What they wrote stands here alone and in no event: it can be erased.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Keyed, Timestamped

PLACE_S = Numeric(10, 2, asdecimal=False)


class Note(Keyed, Timestamped, Base):
    """One row per note of a person; nobody else reads it, whatever their role."""

    __tablename__ = "note"
    __table_args__ = (
        Index("ix_note_person_id_created_at", "person_id", "created_at"),
        CheckConstraint("at_s >= 0", name="at_s"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"))
    stem_id: Mapped[uuid.UUID]
    at_s: Mapped[float | None] = mapped_column(PLACE_S)
    text: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Bookmark(Keyed, Timestamped, Base):
    """One row per person and course, step of it, or place in a step's video."""

    __tablename__ = "bookmark"
    __table_args__ = (
        UniqueConstraint("person_id", "course_id", "stem_id", "at_s", postgresql_nulls_not_distinct=True),
        CheckConstraint("at_s >= 0", name="at_s"),
        CheckConstraint("at_s is null or stem_id is not null", name="place"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"))
    stem_id: Mapped[uuid.UUID | None]
    at_s: Mapped[float | None] = mapped_column(PLACE_S)


class Comment(Keyed, Timestamped, Base):
    """One row per comment; an answer names the comment that it answers. Deleted ones have lost their text."""

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_course_id_stem_id_created_at", "course_id", "stem_id", "created_at"),
        Index("ix_comment_parent_id", "parent_id"),
        CheckConstraint("at_s >= 0", name="at_s"),
    )

    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"))
    stem_id: Mapped[uuid.UUID]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("comment.id"))
    at_s: Mapped[float | None] = mapped_column(PLACE_S)
    text: Mapped[str]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    """By an author of the course, who said why to the audit log."""


class CommentReport(Timestamped, Base):
    """One row per comment and person who thinks that its authors should look at it."""

    __tablename__ = "comment_report"

    comment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)

"""What the catalogue is searched by. Triggers of migration 0016 write it, so that no way of publishing is forgotten."""

import uuid
from datetime import datetime

from sqlalchemy import REAL, BigInteger, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base


class CourseSearch(Base):
    """One row per course in the catalogue, of its current version, with all that a card of it shows."""

    __tablename__ = "course_search"
    __table_args__ = (
        Index("ix_course_search_title", "title", "course_id"),
        Index("ix_course_search_category_title", "category", "title", "course_id"),
        Index("ix_course_search_published_at", text("published_at desc"), "course_id"),
        Index("ix_course_search_duration_min", "duration_min", "title", "course_id"),
        Index("ix_course_search_place", "place", "title", "course_id"),
        Index("ix_course_search_rating", text("rating_order desc"), "title", "course_id"),
        Index("ix_course_search_search", "search", postgresql_using="gin"),
        Index("ix_course_search_skills", "skills", postgresql_using="gin"),
        Index("ix_course_search_names", "names", postgresql_using="gin", postgresql_ops={"names": "gin_trgm_ops"}),
    )

    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    version_id: Mapped[uuid.UUID]
    version_number: Mapped[int]
    slug: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    category: Mapped[str]
    difficulty: Mapped[str]
    language: Mapped[str]
    stems: Mapped[str]
    """Postgres' configuration that its words are stemmed by; `simple` where there is none for the language."""
    duration_min: Mapped[int]
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text))
    cover_id: Mapped[uuid.UUID | None]
    cover_alt: Mapped[str]
    published_at: Mapped[datetime | None]
    names: Mapped[str]
    """Title and skills, for words that are spelt otherwise."""
    search: Mapped[str] = mapped_column(TSVECTOR, deferred=True)
    learners: Mapped[int] = mapped_column(server_default="0")
    """Who is or was enrolled; with `learners_lately` (90 days) and the ratings recounted by a job."""
    learners_lately: Mapped[int] = mapped_column(server_default="0")
    place: Mapped[int] = mapped_column(server_default="1000000000")
    """By how many took it lately, then ever: 1 is the most taken. Last until it is counted."""
    rating_count: Mapped[int] = mapped_column(server_default="0")
    rating: Mapped[float | None] = mapped_column(REAL)
    rating_order: Mapped[float] = mapped_column(REAL, server_default="3.5")
    """The mean as if five more people had given the company's average: two fives don't beat forty of 4.8."""


class CatalogueChange(Base):
    """One row per statement that changed the catalogue: how many there are and the last one is its version."""

    __tablename__ = "catalogue_change"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)

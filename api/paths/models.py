"""A learning path, the courses on it, and who is on their way."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Keyed, Timestamped


class LearningPath(Keyed, Timestamped, Base):
    """One row per path. It has no versions: what its owner changes holds for all who have not finished it."""

    __tablename__ = "path"

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="en")
    is_ordered: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether a course opens when those before it are finished."""
    published_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def state(self) -> str:
        return "archived" if self.archived_at else "published" if self.published_at else "draft"


class PathItem(Base):
    """One row per course on a path."""

    __tablename__ = "path_item"

    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id"), primary_key=True)
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"), primary_key=True, index=True)
    position: Mapped[int]
    is_required: Mapped[bool] = mapped_column(server_default=text("true"))


class PathEnrollment(Keyed, Base):
    """One row per person and path while not withdrawn."""

    __tablename__ = "path_enrollment"
    __table_args__ = (
        Index(
            "uq_path_enrollment_person_id_path_id",
            "person_id",
            "path_id",
            unique=True,
            postgresql_where=text("withdrawn_at is null"),
        ),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id"), index=True)
    enrolled_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

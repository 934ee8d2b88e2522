"""What must be learned; obligations of single persons are derived from it in dbt."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.core.db import Base, Keyed
from api.courses.models import Course


class Requirement(Keyed, Base):
    """One row per mandatory course and audience; a change supersedes the row.

    Audience: everyone, or one org unit with all below it, or one country (both set: both must hold).
    Due `due_within_days` after the later of `valid_from` and the start of the employment.
    """

    __tablename__ = "requirement"

    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"))
    org_unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("org_unit.id"))
    country: Mapped[str | None]
    due_within_days: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship(lazy="raise")

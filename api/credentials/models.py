"""What a person holds in the end."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Keyed


class Certificate(Keyed, Base):
    """One row per completed enrollment or path; names are kept as they were on the day of issue."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("kind in ('course', 'path')", name="kind"),
        CheckConstraint("kind <> 'course' or (course_id is not null and enrollment_id is not null)", name="of_course"),
        CheckConstraint("kind <> 'path' or path_id is not null", name="of_path"),
        CheckConstraint("(revoked_at is null) = (revoked_reason is null)", name="revoked_with_reason"),
        Index("ix_certificate_person_id_course_id", "person_id", "course_id"),
        # What the job that tells of expiry looks for.
        Index(
            "ix_certificate_expires_at",
            "expires_at",
            postgresql_where=text("expires_at is not null and expiry_recorded_at is null"),
        ),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(server_default="course")
    enrollment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("enrollment.id"), unique=True)
    course_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("course.id"))
    path_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    """No foreign key: paths are made of courses and know certificates, not the other way."""
    code: Mapped[str] = mapped_column(unique=True)
    person_name: Mapped[str]
    course_title: Mapped[str]
    """Or the path's."""
    summary: Mapped[str] = mapped_column(server_default="")
    """What it was about, as its authors put it then."""
    score_percent: Mapped[int | None]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    expiry_recorded_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]
    revoked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    status_index: Mapped[int] = mapped_column(
        Sequence("certificate_status_index", start=0, minvalue=0),
        server_default=text("nextval('certificate_status_index')"),
        unique=True,
    )
    """Its bit in the status lists that other programs ask whether it was revoked."""
    credential: Mapped[str | None] = mapped_column(deferred=True)
    """The signed form, as it was given out first; here, so that erasing a person's row erases it too."""

"""Person, employment and its versions: true from/to, and known from/to."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import CITEXT, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.core.db import Base, Keyed, Timestamped
from api.core.events import Xid8


class Person(Keyed, Timestamped, Base):
    """One row per human being, whatever they were employed as."""

    __tablename__ = "person"
    __table_args__ = (
        Index(
            "ix_person_name_trgm",
            "display_name",
            postgresql_using="gin",
            postgresql_ops={"display_name": "gin_trgm_ops"},
        ),
    )

    display_name: Mapped[str]
    email: Mapped[str | None] = mapped_column(CITEXT, unique=True)

    employments: Mapped[list["Employment"]] = relationship(back_populates="person", lazy="raise")


class PersonSetting(Base):
    """One row per person who chose something, or whose browser told its time zone."""

    __tablename__ = "person_setting"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    language: Mapped[str | None]
    time_zone: Mapped[str | None]


class OrgUnit(Keyed, Timestamped, Base):
    """One row per unit and source; `parent_id` is null for the top."""

    __tablename__ = "org_unit"
    __table_args__ = (UniqueConstraint("source", "code"),)

    source: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("org_unit.id"))


class Employment(Keyed, Timestamped, Base):
    """One row per unbroken employment; a rehire is a second one. `ended_on` is the last day worked."""

    __tablename__ = "employment"
    __table_args__ = (
        UniqueConstraint("source", "employee_number", "started_on"),
        Index("ix_employment_person_id", "person_id"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str]
    employee_number: Mapped[str]
    started_on: Mapped[date]
    ended_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="employments", lazy="raise")
    versions: Mapped[list["EmploymentVersion"]] = relationship(back_populates="employment", lazy="raise")


class EmploymentVersion(Keyed, Base):
    """One row per employment and stretch of time in which nothing changed; `valid_to` is exclusive.

    A correction supersedes a row and never overwrites it, so "what did we know then" has an answer.
    """

    __tablename__ = "employment_version"
    __table_args__ = (
        ExcludeConstraint(
            ("employment_id", "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            where=text("superseded_at is null"),
            name="ex_employment_version_validity",
        ),
        Index("ix_employment_version_manager_id", "manager_id", postgresql_where=text("superseded_at is null")),
        Index("ix_employment_version_employment_id", "employment_id"),
        Index("ix_employment_version_job_title", "job_title", postgresql_where=text("superseded_at is null")),
        Index("ix_employment_version_org_unit_id", "org_unit_id", postgresql_where=text("superseded_at is null")),
    )

    employment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employment.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[datetime | None]
    job_title: Mapped[str]
    org_unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("org_unit.id"))
    manager_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    location: Mapped[str | None]
    country: Mapped[str | None]
    cost_center: Mapped[str | None]

    employment: Mapped[Employment] = relationship(back_populates="versions", lazy="raise")
    org_unit: Mapped[OrgUnit] = relationship(lazy="raise")


class Delegation(Keyed, Timestamped, Base):
    """One row per 'this person acts for this manager until then'."""

    __tablename__ = "delegation"

    delegator_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    delegate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    valid_from: Mapped[datetime] = mapped_column(server_default=func.now())
    valid_until: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    delegator: Mapped[Person] = relationship(foreign_keys=[delegator_id], lazy="raise")
    delegate: Mapped[Person] = relationship(foreign_keys=[delegate_id], lazy="raise")


class SightChange(Base):
    """Which transactions changed last who works here (`people`), and who leads whom besides (`lines`): triggers
    write it (migration 0034), so that what is remembered of either knows when it is old.
    """

    __tablename__ = "sight_change"

    kind: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8, primary_key=True)


class DottedLine(Keyed, Base):
    """One row per second manager of a person, who sees this person and nobody below; a change supersedes the row."""

    __tablename__ = "dotted_line"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    manager_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")
    manager: Mapped[Person] = relationship(foreign_keys=[manager_id], lazy="raise")


class HrImport(Keyed, Timestamped, Base):
    """One row per file content and source; the same content again changes nothing."""

    __tablename__ = "hr_import"
    __table_args__ = (UniqueConstraint("source", "content_hash"),)

    source: Mapped[str]
    file_name: Mapped[str]
    content_hash: Mapped[str]
    as_of: Mapped[date]
    status: Mapped[str]
    """applied | held (waits for a decision) | rejected (the whole file was unusable)"""
    reason: Mapped[str | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    decided_at: Mapped[datetime | None]


class HrQuarantine(Keyed, Timestamped, Base):
    """One row per line of an import that was refused, or kept with a remark (`is_kept`), as it came."""

    __tablename__ = "hr_quarantine"
    __table_args__ = (Index("ix_hr_quarantine_import_id", "import_id"),)

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("hr_import.id"))
    file_name: Mapped[str]
    line: Mapped[int]
    reason: Mapped[str]
    is_kept: Mapped[bool]
    raw: Mapped[dict[str, Any]] = mapped_column(JSONB)

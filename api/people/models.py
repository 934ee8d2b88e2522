"""Person, employment and its versions: true from/to, and known from/to."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, UniqueConstraint, func, text
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
        Index("ix_person_told_by", "told_by", postgresql_where=text("told_by is not null")),
    )

    display_name: Mapped[str]
    email: Mapped[str | None] = mapped_column(CITEXT, unique=True)
    told_by: Mapped[str | None]
    """The one source that tells of this person, such as scim; null: whichever roster lists them."""

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
    parent_code: Mapped[str | None]
    described_on: Mapped[date | None]
    """With `described_at`: of when its name and place are, so that an older roster doesn't bring back older ones."""
    described_at: Mapped[datetime | None]


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


class HrSource(Base):
    """One row per source that was ever asked: from where to go on, and how asking it went the last time."""

    __tablename__ = "hr_source"

    source: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[str | None]
    """Everything until there is applied."""
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    """Why it didn't answer, until it does."""


class HrImport(Keyed, Timestamped, Base):
    """One row per content, source and day; the same content again changes nothing."""

    __tablename__ = "hr_import"
    __table_args__ = (
        UniqueConstraint("source", "content_hash", "as_of"),
        Index("ix_hr_import_source_created_at", "source", "created_at"),
    )

    source: Mapped[str]
    file_name: Mapped[str]
    content_hash: Mapped[str]
    as_of: Mapped[date]
    said_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """Orders what came of one day."""
    is_whole: Mapped[bool] = mapped_column(server_default="true")
    cursor: Mapped[str | None]
    """From where to ask next time, once this is applied."""
    status: Mapped[str]
    """applying | applied | held (waits for a decision) | approved (the pipelines apply it next) | superseded (a newer
    one came while it waited) | rejected (somebody said no, or the whole file was unusable)"""
    reason: Mapped[str | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    trips: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    """Why the breaker held it: api.people.breaker_rules.Trip, each as an object."""
    diff_checksum: Mapped[str | None]
    """Of the rows in hr_diff: who approves names it, so that they approve what they looked at."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    """None for the machine's operator."""
    applied_at: Mapped[datetime | None]


class HrDiff(Base):
    """One row per person whom a held import would touch, with only the fields that would differ."""

    __tablename__ = "hr_diff"
    __table_args__ = (Index("ix_hr_diff_import_id_kind", "import_id", "kind", "number"),)

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("hr_import.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    """left | changed | rehired | joined | refused (the line is kept out: the person stays as they are)"""
    employee_number: Mapped[str | None]
    person_id: Mapped[uuid.UUID | None]
    display_name: Mapped[str | None]
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)


class HrQuarantine(Keyed, Timestamped, Base):
    """One row per defect of a source's row, as it came: kept out, or kept with a remark (`is_kept`).

    `created_at` is when it was first seen. The same defect in the next delivery is the same row; one that isn't told
    again has healed.
    """

    __tablename__ = "hr_quarantine"
    __table_args__ = (
        Index("ix_hr_quarantine_import_id", "import_id"),
        Index("ix_hr_quarantine_open", "source", "row_key", postgresql_where=text("healed_at is null")),
    )

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("hr_import.id"))
    """The import that saw it last."""
    source: Mapped[str]
    file_name: Mapped[str]
    line: Mapped[int]
    row_key: Mapped[str]
    """The employee number, or a fingerprint of a row that has none."""
    employee_number: Mapped[str | None]
    reason: Mapped[str]
    is_kept: Mapped[bool]
    raw: Mapped[dict[str, Any]] = mapped_column(JSONB)
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    healed_at: Mapped[datetime | None]


class HrObservation(Base):
    """One row per stretch of what one import said of one employee number, kept where it said something new.

    An import of everybody that has no row here said what the one before it said. `absent`: it did not list the number;
    `silent`: its line was refused, so that it said nothing. `is_last` marks the rows of the newest import that spoke.
    """

    __tablename__ = "hr_observation"
    __table_args__ = (
        Index("ix_hr_observation_dated", "source", "employee_number", postgresql_where=text("valid_from is not null")),
    )

    source: Mapped[str] = mapped_column(primary_key=True)
    employee_number: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[date] = mapped_column(primary_key=True)
    said_at: Mapped[datetime]
    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("hr_import.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    is_last: Mapped[bool]
    display_name: Mapped[str | None]
    email: Mapped[str | None]
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    job_title: Mapped[str | None]
    org_unit_code: Mapped[str | None]
    manager_number: Mapped[str | None]
    location: Mapped[str | None]
    country: Mapped[str | None]
    cost_center: Mapped[str | None]
    valid_from: Mapped[date | None]
    """From when this stretch holds; null: as of the import's day."""

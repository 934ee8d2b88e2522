"""Waiting lists and approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("status in ('waiting', 'pending_approval')")


def _to(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_enrollment_request_{column}"))


def upgrade() -> None:
    op.create_table(
        "enrollment_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", MOMENT),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("waiting_since", MOMENT),
        _to("person_id", "person.id"),
        _to("course_id", "course.id"),
        _to("decided_by", "person.id"),
        sa.CheckConstraint(
            "status in ('waiting', 'pending_approval', 'declined', 'withdrawn', 'enrolled')",
            name=op.f("ck_enrollment_request_status"),
        ),
        sa.CheckConstraint(
            "status <> 'waiting' or waiting_since is not null", name=op.f("ck_enrollment_request_waiting")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment_request")),
    )
    op.create_index(
        "uq_enrollment_request_open",
        "enrollment_request",
        ["person_id", "course_id"],
        unique=True,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_enrollment_request_list",
        "enrollment_request",
        ["course_id", "waiting_since", "id"],
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index("ix_enrollment_request_person_id", "enrollment_request", ["person_id", "course_id"])

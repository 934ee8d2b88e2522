"""Learning paths."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("now()")


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "path",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("is_ordered", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("published_at", MOMENT),
        sa.Column("archived_at", MOMENT),
        sa.Column("updated_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        _to("path", "owner_id", "person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_path")),
    )
    op.create_index(op.f("ix_path_owner_id"), "path", ["owner_id"])
    op.create_table(
        "path_item",
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        _to("path_item", "path_id", "path.id"),
        _to("path_item", "course_id", "course.id"),
        sa.PrimaryKeyConstraint("path_id", "course_id", name=op.f("pk_path_item")),
    )
    op.create_index(op.f("ix_path_item_course_id"), "path_item", ["course_id"])
    op.create_table(
        "path_enrollment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.Column("completed_at", MOMENT),
        sa.Column("withdrawn_at", MOMENT),
        _to("path_enrollment", "person_id", "person.id"),
        _to("path_enrollment", "path_id", "path.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_path_enrollment")),
    )
    op.create_index(
        "uq_path_enrollment_person_id_path_id",
        "path_enrollment",
        ["person_id", "path_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_index(op.f("ix_path_enrollment_path_id"), "path_enrollment", ["path_id"])

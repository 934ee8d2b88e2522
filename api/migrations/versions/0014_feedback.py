"""Ratings and comments."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "course_rating",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("stars between 1 and 5", name=op.f("ck_course_rating_stars")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_rating_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_course_rating_person_id")),
        sa.ForeignKeyConstraint(["version_id"], ["course_version.id"], name=op.f("fk_course_rating_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_rating")),
        sa.UniqueConstraint("course_id", "person_id", name=op.f("uq_course_rating_course_id_person_id")),
    )
    op.create_index(op.f("ix_course_rating_person_id"), "course_rating", ["person_id"])

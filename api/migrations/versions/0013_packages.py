"""What packages keep of a learner, and who was at a live session."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "package_state",
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("stem_id", sa.Uuid(), nullable=False),
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("cmi", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_finished", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("score_percent", sa.Integer(), nullable=True),
        sa.Column("tab", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("percent between 0 and 100", name=op.f("ck_package_state_percent")),
        sa.CheckConstraint("score_percent between 0 and 100", name=op.f("ck_package_state_score_percent")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_package_state_enrollment_id")),
        sa.PrimaryKeyConstraint("enrollment_id", "stem_id", "bundle", "item", name=op.f("pk_package_state")),
    )
    op.create_table(
        "live_attendance",
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("stem_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("marked_by", sa.Uuid(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status in ('present', 'absent', 'excused')", name=op.f("ck_live_attendance_status")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_live_attendance_enrollment_id")),
        sa.ForeignKeyConstraint(["marked_by"], ["person.id"], name=op.f("fk_live_attendance_marked_by")),
        sa.PrimaryKeyConstraint("enrollment_id", "stem_id", name=op.f("pk_live_attendance")),
    )

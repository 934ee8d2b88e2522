"""Prerequisites and publishing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

PARTS = {"section": "version_id", "module": "version_id", "question": "module_id", "choice": "question_id"}


def upgrade() -> None:
    for table, parent in PARTS.items():  # parts of a draft change places, so their order is checked at the commit
        name = op.f(f"uq_{table}_{parent}_position")
        op.drop_constraint(name, table, type_="unique")
        op.create_unique_constraint(name, table, [parent, "position"], deferrable=True, initially="DEFERRED")
    for column in (
        sa.Column("prerequisite_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("publishing", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("publish_failure", sa.Text(), nullable=True),
        sa.Column("impact", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    ):
        op.add_column("course_version", column)
    op.add_column("enrollment", sa.Column("retake_version_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_enrollment_retake_version_id"), "enrollment", "course_version", ["retake_version_id"], ["id"]
    )
    watched = sa.text("type = 'engagement.video_played'")
    op.create_index("ix_event_watched", "event", ["subject_id"], postgresql_where=watched)

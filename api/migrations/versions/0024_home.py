"""A person's enrollments, withdrawn ones too: the unique index knows only those that are not."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_index("ix_enrollment_person_id", "enrollment", ["person_id"])

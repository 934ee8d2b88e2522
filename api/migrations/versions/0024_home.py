"""Where a person's enrollments are, withdrawn ones too, and who has the same job or unit."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

CURRENT = sa.text("superseded_at is null")


def upgrade() -> None:
    op.create_index("ix_enrollment_person_id", "enrollment", ["person_id"])
    for column in ("job_title", "org_unit_id"):
        name = f"ix_employment_version_{column}"
        op.create_index(name, "employment_version", [column], postgresql_where=CURRENT)

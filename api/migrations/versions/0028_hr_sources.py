"""Each HR source: from where to ask for changes next, and how asking went; each import knows the cursor it leads to."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "hr_source",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_hr_source")),
    )
    op.add_column("hr_import", sa.Column("cursor", sa.Text()))


def downgrade() -> None:
    op.drop_column("hr_import", "cursor")
    op.drop_table("hr_source")

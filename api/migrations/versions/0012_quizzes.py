"""Question banks and sittings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    drawn = postgresql.ARRAY(sa.Integer())
    op.add_column("question", sa.Column("draws", drawn, server_default="{}", nullable=False))

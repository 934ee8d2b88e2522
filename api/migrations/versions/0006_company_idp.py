"""The company's own identity provider: its session, when a person proved who they are, and what is good once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("browser_session", sa.Column("idp_sid", sa.Text(), nullable=True))
    op.add_column("browser_session", sa.Column("authenticated_at", MOMENT, nullable=True))
    op.execute("update browser_session set authenticated_at = created_at")
    op.create_index(op.f("ix_browser_session_idp_sid"), "browser_session", ["idp_sid"])
    op.create_table(
        "idp_once",
        sa.Column("key_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("kept", postgresql.JSONB(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_idp_once")),
    )
    op.create_index(op.f("ix_idp_once_expires_at"), "idp_once", ["expires_at"])

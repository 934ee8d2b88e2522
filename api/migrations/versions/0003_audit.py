"""The audit log: append-only, each entry chained to the one before by its hash."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.migrations.audit_functions import AUDIT_CHAIN, AUDIT_IS_APPEND_ONLY, AUDIT_TEXT, AUDIT_TRIGGERS

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_account_id", sa.Uuid(), nullable=True),
        sa.Column("actor_person_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("previous", postgresql.BYTEA(), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    for column in ("recorded_at", "actor_account_id", "actor_person_id", "target_id"):
        op.create_index(op.f(f"ix_audit_entry_{column}"), "audit_entry", [column])
    for statement in (AUDIT_TEXT, AUDIT_CHAIN, AUDIT_IS_APPEND_ONLY, *AUDIT_TRIGGERS):
        op.execute(statement)
    op.execute("revoke all on audit_entry from public")

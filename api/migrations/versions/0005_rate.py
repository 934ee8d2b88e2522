"""Counters of the rate limits, and wrong guesses of passwords."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Unlogged: no WAL for counters that are worth nothing in an hour; after a crash they begin anew.
    op.create_table(
        "rate_window",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_window")),
        prefixes=["UNLOGGED"],
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "sign_in_guess",
        sa.Column("subject_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("subject_hash", name=op.f("pk_sign_in_guess")),
    )
    op.create_index(op.f("ix_sign_in_guess_open_at"), "sign_in_guess", ["open_at"])

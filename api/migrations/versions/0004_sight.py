"""Who sees whom: delegations, dotted lines, and row security for the role that reads reports."""

import sqlalchemy as sa
from alembic import op

from api.migrations.sight_functions import FUNCTIONS, POLICIES, REPORTING_ROLE

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("now()")


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("delegator_id", sa.Uuid(), nullable=False),
        sa.Column("delegate_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", MOMENT, server_default=NOW, nullable=False),
        sa.Column("valid_until", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _to("delegation", "delegator_id", "person.id"),
        _to("delegation", "delegate_id", "person.id"),
        sa.CheckConstraint("delegator_id <> delegate_id", name=op.f("ck_delegation_other")),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_delegation_time")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_delegator_id"), "delegation", ["delegator_id"])
    op.create_index(op.f("ix_delegation_delegate_id"), "delegation", ["delegate_id"])
    op.create_table(
        "dotted_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("superseded_at", MOMENT, nullable=True),
        _to("dotted_line", "person_id", "person.id"),
        _to("dotted_line", "manager_id", "person.id"),
        sa.CheckConstraint("person_id <> manager_id", name=op.f("ck_dotted_line_other")),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_dotted_line_time")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dotted_line")),
    )
    op.create_index(op.f("ix_dotted_line_person_id"), "dotted_line", ["person_id"])
    op.create_index(op.f("ix_dotted_line_manager_id"), "dotted_line", ["manager_id"])
    for statement in (*FUNCTIONS, REPORTING_ROLE, *POLICIES):
        op.execute(statement)

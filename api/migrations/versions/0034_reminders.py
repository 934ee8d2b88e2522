"""Reminders that somebody sent, and what reports of a large company need to be quick."""

import sqlalchemy as sa
from alembic import op

from api.core.events import Xid8
from api.migrations.sight_by_row import (
    EVENT_POLICY,
    EVENT_POLICY_BEFORE,
    FUNCTIONS,
    KIND_OF,
    REMINDER_POLICY,
    TRIGGERS,
)

revision = "0034"
down_revision = "0033"

NOW = sa.text("now()")


def _to(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_reminder_{column}"))


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_by_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        _to("person_id", "person.id"),
        _to("course_id", "course.id"),
        _to("sent_by_id", "account.id"),
        sa.PrimaryKeyConstraint("person_id", "course_id", "sent_on", name=op.f("pk_reminder")),
    )
    op.create_table(
        "sight_change",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("xid", Xid8(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "xid", name=op.f("pk_sight_change")),
    )
    op.create_index("ix_event_learning_xid", "event", ["xid"], postgresql_where=sa.text("type like 'learning.%'"))
    for statement in (*FUNCTIONS, *TRIGGERS, EVENT_POLICY, *REMINDER_POLICY):
        op.execute(statement)


def downgrade() -> None:
    op.execute(EVENT_POLICY_BEFORE)
    for table in KIND_OF:
        op.execute(f"drop trigger sight_changed on {table}")
        op.execute(f"drop trigger sight_changed_whole on {table}")
    op.drop_table("reminder")
    for name in ("sight_state()", "sight_changed()", "sees(uuid)", "leads(uuid, uuid, date)"):
        op.execute(f"drop function {name}")
    op.drop_index("ix_event_learning_xid", "event")
    op.drop_table("sight_change")

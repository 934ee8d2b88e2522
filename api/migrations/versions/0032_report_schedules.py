"""Reports that come by themselves, each day, week or month."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "report_schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("question", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=True),
        sa.Column("day", sa.SmallInteger(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("recipients", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("targets", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("last_due_at", MOMENT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint("every in ('daily', 'weekly', 'monthly')", name=op.f("ck_report_schedule_every")),
        sa.CheckConstraint(
            "(every = 'weekly') = (weekday is not null) and (every = 'monthly') = (day is not null)"
            " and (weekday between 1 and 7) is not false and (day between 1 and 31) is not false",
            name=op.f("ck_report_schedule_rhythm"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_report_schedule_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedule")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_report_schedule_account_id")),
    )
    op.create_index(
        "ix_report_schedule_next_at",
        "report_schedule",
        ["next_at"],
        postgresql_where=sa.text("next_at is not null"),
    )
    op.create_table(
        "report_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint("state in ('waiting', 'sent', 'unwanted', 'failed')", name=op.f("ck_report_delivery_state")),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["report_schedule.id"],
            name=op.f("fk_report_delivery_schedule_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_report_delivery_account_id")),
        sa.ForeignKeyConstraint(["run_id"], ["report_run.id"], name=op.f("fk_report_delivery_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_delivery")),
        sa.UniqueConstraint(
            "schedule_id", "due_at", "account_id", "target", name=op.f("uq_report_delivery_schedule_id")
        ),
    )
    op.create_index(
        "ix_report_delivery_waiting",
        "report_delivery",
        ["next_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("report_delivery")
    op.drop_table("report_schedule")

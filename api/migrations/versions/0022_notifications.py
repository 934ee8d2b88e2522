"""Notifications: what people are told, how they want to hear it, and how far the events were read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("is_shown", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("mail_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("mail_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("mail_error", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "mail in ('waiting', 'sent', 'unwanted', 'no_server', 'no_address', 'moot', 'left', 'given_up')",
            name=op.f("ck_notification_mail"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("person_id", "kind", "subject", name=op.f("uq_notification_person_id_kind_subject")),
    )
    waiting = sa.text("mail = 'waiting'")
    op.create_index("ix_notification_waiting", "notification", ["mail_at"], postgresql_where=waiting)
    op.create_index("ix_notification_shown", "notification", ["person_id", "id"], postgresql_where=sa.text("is_shown"))
    unread = sa.text("is_shown and read_at is null")
    op.create_index("ix_notification_unread", "notification", ["person_id"], postgresql_where=unread)
    op.create_table(
        "notification_choice",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("app", sa.Boolean(), nullable=False),
        sa.Column("mail", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_notification_choice")),
    )
    op.create_table(
        "notification_times",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("digest_at", sa.Time(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_to", sa.Time(), nullable=True),
        sa.Column("is_weekend_quiet", sa.Boolean(), nullable=False),
        sa.CheckConstraint("digest in ('off', 'daily', 'weekly')", name=op.f("ck_notification_times_digest")),
        sa.CheckConstraint("(quiet_from is null) = (quiet_to is null)", name=op.f("ck_notification_times_quiet")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_times_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notification_times")),
    )
    op.create_table(
        "notification_watermark",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_notification_watermark")),
    )
    # From now on: nobody gets mail about what happened before there was any.
    op.execute(
        "insert into notification_watermark (name, xid)"
        " values ('event', pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
    )

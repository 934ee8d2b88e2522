"""What goes back to the HR systems: one row a record and system, with what became of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "hr_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("employee_number", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("reference", sa.Text()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('completion', 'certificate', 'revocation')", name=op.f("ck_hr_record_kind")),
        sa.CheckConstraint("state in ('waiting', 'sent', 'accepted', 'refused')", name=op.f("ck_hr_record_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hr_record_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_record")),
        sa.UniqueConstraint("source", "kind", "subject_id", name=op.f("uq_hr_record_source_kind_subject_id")),
    )
    op.create_index("ix_hr_record_person_id", "hr_record", ["person_id"])
    op.create_index(
        "ix_hr_record_next_at",
        "hr_record",
        ["source", "next_at"],
        postgresql_where=sa.text("state in ('waiting', 'sent')"),
    )


def downgrade() -> None:
    op.drop_table("hr_record")

"""Question banks and sittings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

NOW = sa.text("now()")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    drawn = postgresql.ARRAY(sa.Integer())
    op.add_column("question", sa.Column("draws", drawn, server_default="{}", nullable=False))
    _banks()
    _items()
    _sittings()


def _banks() -> None:
    op.create_table(
        "question_bank",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_question_bank_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_bank")),
    )
    op.create_index(op.f("ix_question_bank_owner_id"), "question_bank", ["owner_id"])


def _items() -> None:
    op.create_table(
        "bank_item",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("updated_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["question_bank.id"], name=op.f("fk_bank_item_bank_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_item")),
    )
    op.create_index(op.f("ix_bank_item_bank_id"), "bank_item", ["bank_id", "created_at"])
    op.create_table(
        "bank_item_version",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("feedback", sa.Text(), server_default="", nullable=False),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("spec", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=True),
        sa.Column("image_alt", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["bank_item.id"], name=op.f("fk_bank_item_version_item_id")),
        sa.ForeignKeyConstraint(["image_id"], ["media_asset.id"], name=op.f("fk_bank_item_version_image_id")),
        sa.PrimaryKeyConstraint("item_id", "version", name=op.f("pk_bank_item_version")),
    )


def _sittings() -> None:
    op.create_table(
        "quiz_sitting",
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("module_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_quiz_sitting_enrollment_id")),
        sa.ForeignKeyConstraint(["module_id"], ["module.id"], name=op.f("fk_quiz_sitting_module_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_sitting")),
        sa.UniqueConstraint(
            "enrollment_id", "module_id", "number", name=op.f("uq_quiz_sitting_enrollment_id_module_id_number")
        ),
    )

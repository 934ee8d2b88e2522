"""Jobs (procrastinate), captions."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

SCHEMA = Path(__file__).with_name("0010_procrastinate_3_10.sql")


def upgrade() -> None:
    _jobs()
    _captions()


def _jobs() -> None:
    """A script of many statements: asyncpg runs it as one only below SQLAlchemy, in the same transaction."""
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    connection.run_async(lambda driver: driver.execute(SCHEMA.read_text(encoding="utf-8")))


def _captions() -> None:
    op.create_table(
        "media_caption",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("cue_count", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["media_asset.id"], name=op.f("fk_media_caption_asset_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["object_id"], ["media_object.id"], name=op.f("fk_media_caption_object_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_caption")),
        sa.UniqueConstraint("asset_id", "language", name=op.f("uq_media_caption_asset_id_language")),
    )
    op.create_index(op.f("ix_media_caption_object_id"), "media_caption", ["object_id"])

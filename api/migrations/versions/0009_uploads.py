"""Uploads and what they are delivered as."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "media_bundle_file",
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bundle", "path", name=op.f("pk_media_bundle_file")),
    )
    op.create_table(
        "media_upload",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("route in ('upload-video', 'upload-material')", name=op.f("ck_media_upload_route")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_media_upload_size_bytes")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_media_upload_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_upload")),
    )
    op.create_index(op.f("ix_media_upload_owner_id"), "media_upload", ["owner_id"])
    op.create_index(op.f("ix_media_upload_expires_at"), "media_upload", ["expires_at"])
    op.create_index(op.f("ix_media_asset_bundle"), "media_asset", ["bundle"])

"""The shape of the creator studio: assets, sections, seven kinds of modules, seven kinds of quiz items."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.migrations.studio_functions import PUBLISHED_PARTS_ARE_IMMUTABLE

revision = "0008"
down_revision = "0007"

PARTS = ("module", "question", "choice")
MODULE_KINDS = "kind in ('video', 'document', 'text', 'quiz', 'link', 'package', 'live')"
QUESTION_KINDS = "kind in ('single', 'multiple', 'ordering', 'matching', 'numeric', 'short_text', 'cloze')"


def upgrade() -> None:
    _assets()
    _courses()
    op.execute(PUBLISHED_PARTS_ARE_IMMUTABLE)
    _sections()
    for part in PARTS:  # what is published gets new columns, not new content
        op.execute(f"alter table {part} disable trigger published_is_immutable")
    _modules()
    _questions()
    for part in PARTS:
        op.execute(f"alter table {part} enable trigger published_is_immutable")


def _assets() -> None:
    op.create_table(
        "media_asset",
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("progress_percent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("eta_s", sa.Integer(), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("bundle", sa.Text(), nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('video', 'document', 'image', 'package')", name=op.f("ck_media_asset_kind")),
        sa.CheckConstraint(
            "status in ('processing', 'ready', 'failed', 'cancelled')", name=op.f("ck_media_asset_status")
        ),
        sa.CheckConstraint("progress_percent between 0 and 100", name=op.f("ck_media_asset_progress_percent")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_media_asset_owner_id")),
        sa.ForeignKeyConstraint(["object_id"], ["media_object.id"], name=op.f("fk_media_asset_object_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_asset")),
    )
    op.create_index(op.f("ix_media_asset_owner_id"), "media_asset", ["owner_id", "created_at"])
    op.create_index(op.f("ix_media_asset_object_id"), "media_asset", ["object_id"])
    op.execute(
        """
        insert into media_asset
            (id, kind, file_name, content_type, size_bytes, status, progress_percent, object_id, duration_s, ready_at)
        select id, case when content_type like 'video/%' then 'video' when content_type like 'image/%' then 'image'
            else 'document' end, file_name, content_type, size_bytes, 'ready', 100, id, duration_s, created_at
        from media_object
        """
    )
    op.drop_constraint(op.f("fk_module_media_id"), "module", type_="foreignkey")
    op.create_foreign_key(op.f("fk_module_media_id"), "module", "media_asset", ["media_id"], ["id"])


def _courses() -> None:
    op.add_column("course", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    now = sa.text("now()")
    for column in (
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("cover_id", sa.Uuid(), nullable=True),
        sa.Column("cover_alt", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "completion", postgresql.JSONB(astext_type=sa.Text()), server_default='{"rule": "all"}', nullable=False
        ),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("is_material", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    ):
        op.add_column("course_version", column)
    op.create_foreign_key(op.f("fk_course_version_cover_id"), "course_version", "media_asset", ["cover_id"], ["id"])
    op.execute("alter table course_version disable trigger published_is_immutable")
    op.execute("update course_version set updated_at = coalesce(published_at, created_at)")
    op.execute("alter table course_version enable trigger published_is_immutable")


def _sections() -> None:
    op.create_table(
        "section",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["course_version.id"], name=op.f("fk_section_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_section_version_id_position")),
    )
    op.execute(
        "create trigger published_is_immutable before insert or update or delete on section"
        " for each row execute function refuse_change_of_published_part()"
    )


def _modules() -> None:
    for column in (
        sa.Column("stem_id", sa.Uuid(), nullable=True),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("weight", sa.Integer(), server_default="1", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    ):
        op.add_column("module", column)
    op.execute("update module set stem_id = id")
    op.alter_column("module", "stem_id", nullable=False, server_default=sa.text("uuidv7()"))
    op.create_index(op.f("ix_module_stem_id"), "module", ["stem_id"])
    op.create_foreign_key(op.f("fk_module_section_id"), "module", "section", ["section_id"], ["id"])
    op.drop_constraint(op.f("ck_module_kind"), "module", type_="check")
    op.create_check_constraint(op.f("ck_module_kind"), "module", MODULE_KINDS)


def _questions() -> None:
    for column in (
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("item_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("points", sa.Integer(), server_default="1", nullable=False),
        sa.Column("spec", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("feedback", sa.Text(), server_default="", nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=True),
        sa.Column("image_alt", sa.Text(), server_default="", nullable=False),
    ):
        op.add_column("question", column)
    op.execute("update question set item_id = id")
    op.alter_column("question", "item_id", nullable=False, server_default=sa.text("uuidv7()"))
    op.create_index(op.f("ix_question_item_id"), "question", ["item_id"])
    op.create_foreign_key(op.f("fk_question_image_id"), "question", "media_asset", ["image_id"], ["id"])
    op.drop_constraint(op.f("ck_question_kind"), "question", type_="check")
    op.create_check_constraint(op.f("ck_question_kind"), "question", QUESTION_KINDS)
    for name in ("feedback", "match"):
        op.add_column("choice", sa.Column(name, sa.Text(), server_default="", nullable=False))

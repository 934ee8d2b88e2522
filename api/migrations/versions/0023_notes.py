"""Bookmarks, notes and comments."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

NOW = sa.text("now()")
MOMENT = sa.DateTime(timezone=True)
PLACE_S = sa.Numeric(10, 2)


def upgrade() -> None:
    text = sa.Column("text", sa.Text(), nullable=False)
    updated = sa.Column("updated_at", MOMENT, server_default=NOW, nullable=False)
    _table("note", [text, updated], is_step=True)
    op.create_index(op.f("ix_note_person_id_created_at"), "note", ["person_id", "created_at"])
    columns = ("person_id", "course_id", "stem_id", "at_s")
    unique = sa.UniqueConstraint(
        *columns, name=op.f("uq_bookmark_person_id_course_id_stem_id_at_s"), postgresql_nulls_not_distinct=True
    )
    place = sa.CheckConstraint("at_s is null or stem_id is not null", name=op.f("ck_bookmark_place"))
    _table("bookmark", [unique, place], is_step=False)
    moments = [sa.Column(name, MOMENT) for name in ("edited_at", "deleted_at", "hidden_at")]
    parent = sa.Column("parent_id", sa.Uuid())
    answers = sa.ForeignKeyConstraint(["parent_id"], ["comment.id"], name=op.f("fk_comment_parent_id"))
    _table("comment", [sa.Column("text", sa.Text(), nullable=False), parent, *moments, answers], is_step=True)
    op.create_index(op.f("ix_comment_course_id_stem_id_created_at"), "comment", ["course_id", "stem_id", "created_at"])
    op.create_index(op.f("ix_comment_parent_id"), "comment", ["parent_id"])
    op.create_index(op.f("ix_comment_person_id"), "comment", ["person_id"])
    op.create_table(
        "comment_report",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_comment_report_comment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_comment_report_person_id")),
        sa.PrimaryKeyConstraint("comment_id", "person_id", name=op.f("pk_comment_report")),
    )


def _table(name: str, own: Iterable[sa.schema.SchemaItem], *, is_step: bool) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("stem_id", sa.Uuid(), nullable=not is_step),
        sa.Column("at_s", PLACE_S),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        *own,
        sa.CheckConstraint("at_s >= 0", name=op.f(f"ck_{name}_at_s")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{name}_person_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f(f"fk_{name}_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )

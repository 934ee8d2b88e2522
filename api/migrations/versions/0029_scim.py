"""Resources of SCIM, members of its groups, and who alone tells of a person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("person", sa.Column("told_by", sa.Text(), nullable=True))
    told = sa.text("told_by is not null")
    op.create_index("ix_person_told_by", "person", ["told_by"], postgresql_where=told)
    op.create_table(
        "scim_resource",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("told", JSONB(), nullable=False),
        sa.Column("folded", JSONB(), nullable=False),
        sa.Column("user_name", sa.Text(), sa.Computed("folded ->> 'username'", persisted=True), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('User', 'Group')", name=op.f("ck_scim_resource_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_resource")),
    )
    op.create_index(
        "ix_scim_resource_folded",
        "scim_resource",
        ["folded"],
        postgresql_using="gin",
        postgresql_ops={"folded": "jsonb_path_ops"},
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index("uq_scim_resource_user_name", "scim_resource", ["user_name"], unique=True)
    op.create_index("ix_scim_resource_kind_id", "scim_resource", ["kind", "id"])
    op.create_table(
        "scim_member",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("display", sa.Text(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [name], ["scim_resource.id"], name=op.f(f"fk_scim_member_{name}"), ondelete="cascade"
            )
            for name in ("group_id", "user_id")
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_scim_member")),
    )
    op.create_index("ix_scim_member_user_id", "scim_member", ["user_id"])


def downgrade() -> None:
    op.drop_table("scim_member")
    op.drop_table("scim_resource")
    op.drop_index("ix_person_told_by", "person")
    op.drop_column("person", "told_by")

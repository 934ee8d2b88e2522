"""A person's language and time zone; a course's capacity, approval and how long its certificates are good for."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "person_setting",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("time_zone", sa.Text()),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_setting_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_setting")),
    )
    op.add_column("course", sa.Column("capacity", sa.Integer()))
    op.add_column("course", sa.Column("needs_approval", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("course", sa.Column("certificate_valid_months", sa.Integer()))
    op.create_check_constraint(op.f("ck_course_capacity"), "course", "capacity > 0")
    op.create_check_constraint(op.f("ck_course_certificate_valid_months"), "course", "certificate_valid_months > 0")

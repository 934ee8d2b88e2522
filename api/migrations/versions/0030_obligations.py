"""Requirements with rules for whom and until when, obligations as rows true from/to and known from/to, waivers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from api.migrations.obligation_functions import CYCLE_DAY, FIRST_CYCLE_DAY, PERIODS

revision = "0030"
down_revision = "0029"

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("now()")

# What a unit and a country were is a rule now: both set meant that both must hold.
RULES = """
    update requirement set audience = case
        when org_unit_id is not null and country is not null then jsonb_build_object('all', jsonb_build_array(
            jsonb_build_object('units', jsonb_build_array(org_unit_id)),
            jsonb_build_object('countries', jsonb_build_array(country))))
        when org_unit_id is not null then jsonb_build_object('units', jsonb_build_array(org_unit_id))
        when country is not null then jsonb_build_object('countries', jsonb_build_array(country))
        else '{}' end
"""


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def upgrade() -> None:
    _requirements()
    _obligations()
    _waivers()
    op.create_table(
        "obligation_watermark",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=True),
        sa.Column("units", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_obligation_watermark")),
    )
    op.execute("insert into obligation_watermark (name) values ('event')")
    for function in (CYCLE_DAY, FIRST_CYCLE_DAY, PERIODS):
        op.execute(function)


def _requirements() -> None:
    for column in (
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("audience", JSONB(), server_default="{}", nullable=False),
        sa.Column("due_from", sa.Text(), server_default="hire", nullable=False),
        sa.Column("due_day", sa.Date(), nullable=True),
        sa.Column("every_months", sa.Integer(), nullable=True),
        sa.Column("renewal_days", sa.Integer(), server_default="30", nullable=False),
        sa.Column("counts_earlier", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("counts_rehire", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("succeeded_by", sa.Uuid(), nullable=True),
    ):
        op.add_column("requirement", column)
    op.execute(RULES)
    op.drop_column("requirement", "org_unit_id")
    op.drop_column("requirement", "country")
    for name, rule in (
        ("due_from", "due_from in ('hire', 'move', 'publication', 'day')"),
        ("due_day", "(due_from = 'day') = (due_day is not null)"),
        ("every_months", "every_months between 1 and 120"),
        ("time", "valid_to >= valid_from"),
    ):
        op.create_check_constraint(op.f(f"ck_requirement_{name}"), "requirement", rule)


def _obligations() -> None:
    op.create_table(
        "obligation",
        _id(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("employment_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("assigned_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("counts_from", sa.Date(), nullable=True),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("enrollment_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("superseded_at", MOMENT, nullable=True),
        # No foreign keys: it is written by one SELECT over those very tables, and checking each row took four times
        # as long as writing it.
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_obligation_time")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
    )
    current = sa.text("superseded_at is null")
    key = ["employment_id", "requirement_id", "valid_from"]
    op.create_index("uq_obligation_current", "obligation", key, unique=True, postgresql_where=current)
    op.create_index("ix_obligation_person_id", "obligation", ["person_id"])
    op.create_index("ix_obligation_requirement_id", "obligation", ["requirement_id"], postgresql_where=current)


def _waivers() -> None:
    op.create_table(
        "waiver",
        _id(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("superseded_at", MOMENT, nullable=True),
        _to("waiver", "person_id", "person.id"),
        _to("waiver", "requirement_id", "requirement.id"),
        _to("waiver", "approved_by", "account.id"),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_waiver_time")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_waiver_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )
    op.create_index("ix_waiver_person_id", "waiver", ["person_id"], postgresql_where=sa.text("superseded_at is null"))

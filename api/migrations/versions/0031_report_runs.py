"""Snapshots that answers are given of, and reports that are made as files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.reports.models import PgSnapshot

revision = "0031"
down_revision = "0030"

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("now()")

# The newest one again where nothing has happened since: a page that asks every few seconds makes no rows. An event is
# newer where its transaction began later, or ran at that time and has ended by now; both are looked up in an index.
TAKE = """
create function take_report_snapshot(lake bigint) returns setof report_snapshot language plpgsql as $$
declare
    newest report_snapshot;
begin
    select * into newest from report_snapshot order by number desc limit 1;
    if newest.lake_snapshot = lake and newest.day = (clock_timestamp() at time zone 'UTC')::date
        and not exists (select from event where xid >= pg_snapshot_xmax(newest.tail))
        and not exists (select from pg_snapshot_xip(newest.tail) as running (xid) join event using (xid))
    then
        return next newest;
    else
        return query insert into report_snapshot (lake_snapshot, tail, day, taken_at)
        values (lake, pg_current_snapshot(), (clock_timestamp() at time zone 'UTC')::date, clock_timestamp())
        returning *;
    end if;
end $$
"""


def upgrade() -> None:
    op.create_table(
        "report_snapshot",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("lake_snapshot", sa.BigInteger(), nullable=False),
        sa.Column("tail", PgSnapshot(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_report_snapshot")),
    )
    op.create_table(
        "report_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("question", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("rows_total", sa.BigInteger(), nullable=True),
        sa.Column("rows_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expected_s", sa.Double(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("snapshot_number", sa.BigInteger(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'running', 'done', 'failed', 'cancelled', 'expired')",
            name=op.f("ck_report_run_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_report_run_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_run")),
    )
    op.create_index(op.f("ix_report_run_account_id_id"), "report_run", ["account_id", "id"])
    op.create_index(
        "ix_report_run_unfinished",
        "report_run",
        ["account_id", "roles", sa.text("md5(question::text)")],
        unique=True,
        postgresql_where=sa.text("state in ('waiting', 'running')"),
    )
    op.execute(TAKE)

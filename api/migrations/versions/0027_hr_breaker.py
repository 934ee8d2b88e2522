"""What a held import would do row by row and who decided on it; quarantine that lasts until its source mends a row."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"

MOMENT = sa.DateTime(timezone=True)

# Until now each import wrote its lines anew: those of older ones count as mended by the newest.
FILL_QUARANTINE = """
update hr_quarantine q set source = i.source, last_seen_at = q.created_at, row_key = md5(q.raw::text),
    healed_at = case when i.id <> newest.id then newest.created_at end
from hr_import i, lateral (
    select n.id, n.created_at from hr_import n where n.source = i.source and n.status <> 'rejected'
    order by n.as_of desc, n.created_at desc limit 1
) newest
where i.id = q.import_id
"""


def upgrade() -> None:
    op.add_column("hr_import", sa.Column("trips", JSONB, nullable=False, server_default="[]"))
    op.add_column("hr_import", sa.Column("diff_checksum", sa.Text))
    op.add_column(
        "hr_import", sa.Column("decided_by", sa.Uuid, sa.ForeignKey("account.id", name="fk_hr_import_decided_by"))
    )
    op.add_column("hr_import", sa.Column("applied_at", MOMENT))
    op.execute("update hr_import set applied_at = coalesce(decided_at, created_at) where status = 'applied'")
    op.create_index("ix_hr_import_source_created_at", "hr_import", ["source", "created_at"])
    op.create_table(
        "hr_diff",
        sa.Column("import_id", sa.Uuid, sa.ForeignKey("hr_import.id", name="fk_hr_diff_import_id"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("employee_number", sa.Text),
        sa.Column("person_id", sa.Uuid),
        sa.Column("display_name", sa.Text),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("after", JSONB, nullable=False),
    )
    op.create_index("ix_hr_diff_import_id_kind", "hr_diff", ["import_id", "kind", "number"])
    op.add_column("hr_quarantine", sa.Column("source", sa.Text))
    op.add_column("hr_quarantine", sa.Column("row_key", sa.Text))
    op.add_column("hr_quarantine", sa.Column("employee_number", sa.Text))
    op.add_column("hr_quarantine", sa.Column("last_seen_at", MOMENT))
    op.add_column("hr_quarantine", sa.Column("healed_at", MOMENT))
    op.execute("update hr_quarantine set row_key = ''")
    op.execute(FILL_QUARANTINE)
    op.alter_column("hr_quarantine", "source", nullable=False)
    op.alter_column("hr_quarantine", "row_key", nullable=False)
    op.alter_column("hr_quarantine", "last_seen_at", nullable=False, server_default=sa.func.now())
    open_ones = sa.text("healed_at is null")
    op.create_index("ix_hr_quarantine_open", "hr_quarantine", ["source", "row_key"], postgresql_where=open_ones)


def downgrade() -> None:
    op.drop_index("ix_hr_quarantine_open", "hr_quarantine")
    for column in ("healed_at", "last_seen_at", "employee_number", "row_key", "source"):
        op.drop_column("hr_quarantine", column)
    op.drop_table("hr_diff")
    op.drop_index("ix_hr_import_source_created_at", "hr_import")
    for column in ("applied_at", "decided_by", "diff_checksum", "trips"):
        op.drop_column("hr_import", column)

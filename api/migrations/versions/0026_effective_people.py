"""What each source said of each employee number, by day: from it the employments follow in whatever order it came."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

ADD = (
    "alter table hr_import add column is_whole boolean not null default true",
    "alter table hr_import add column said_at timestamptz not null default now()",
    "update hr_import set said_at = created_at",
    "alter table hr_import drop constraint uq_hr_import_source_content_hash",
    "alter table hr_import add constraint uq_hr_import_source_content_hash_as_of unique (source, content_hash, as_of)",
    "alter table org_unit add column parent_code text",
    "alter table org_unit add column described_on date",
    "alter table org_unit add column described_at timestamptz",
    "update org_unit u set parent_code = p.code from org_unit p where p.id = u.parent_id",
)

# An installation that was there before: its newest import said what is known now, with its history where there is one.
BACKFILL = """
insert into hr_observation (
    source, employee_number, as_of, said_at, import_id, position, kind, is_last, display_name, email, started_on,
    ended_on, job_title, org_unit_code, manager_number, location, country, cost_center, valid_from
)
select e.source, e.employee_number, i.as_of, i.said_at, i.id,
    row_number() over (partition by e.source, e.employee_number order by v.valid_from, v.id) - 1, 'present', true,
    p.display_name, p.email, e.started_on, e.ended_on, v.job_title, u.code, m.employee_number, v.location, v.country,
    v.cost_center, case when count(*) over (partition by e.source, e.employee_number) > 1 then v.valid_from end
from employment e
join (
    select distinct on (source) * from hr_import where status = 'applied' order by source, as_of desc, said_at desc
) i on i.source = e.source
join person p on p.id = e.person_id
join employment_version v on v.employment_id = e.id and v.superseded_at is null
join org_unit u on u.id = v.org_unit_id
left join lateral (
    select n.employee_number from employment n
    where n.person_id = v.manager_id and n.source = e.source order by n.started_on desc limit 1
) m on true
"""

REMOVE = (
    "drop table hr_observation",
    "alter table org_unit drop column parent_code, drop column described_on, drop column described_at",
    "delete from hr_import a using hr_import b where a.source = b.source and a.content_hash = b.content_hash"
    " and a.id < b.id and not exists (select from hr_quarantine q where q.import_id = a.id)",
    "alter table hr_import drop constraint uq_hr_import_source_content_hash_as_of",
    "alter table hr_import add constraint uq_hr_import_source_content_hash unique (source, content_hash)",
    "alter table hr_import drop column is_whole, drop column said_at",
)


def upgrade() -> None:
    for statement in ADD:
        op.execute(statement)
    text, day = sa.Text(), sa.Date()
    op.create_table(
        "hr_observation",
        sa.Column("source", text, nullable=False),
        sa.Column("employee_number", text, nullable=False),
        sa.Column("as_of", day, nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", text, nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        *(sa.Column(name, text, nullable=True) for name in ("display_name", "email")),
        *(sa.Column(name, day, nullable=True) for name in ("started_on", "ended_on")),
        *(sa.Column(name, text, nullable=True) for name in ("job_title", "org_unit_code", "manager_number")),
        *(sa.Column(name, text, nullable=True) for name in ("location", "country", "cost_center")),
        sa.Column("valid_from", day, nullable=True),
        sa.CheckConstraint("kind in ('present', 'absent', 'silent')", name=op.f("ck_hr_observation_kind")),
        sa.ForeignKeyConstraint(["import_id"], ["hr_import.id"], name=op.f("fk_hr_observation_import_id")),
        sa.PrimaryKeyConstraint(
            "source", "employee_number", "as_of", "import_id", "position", name=op.f("pk_hr_observation")
        ),
    )
    op.create_index(
        "ix_hr_observation_dated",
        "hr_observation",
        ["source", "employee_number"],
        postgresql_where=sa.text("valid_from is not null"),
    )
    op.execute(BACKFILL)


def downgrade() -> None:
    for statement in REMOVE:
        op.execute(statement)

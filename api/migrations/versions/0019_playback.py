"""What was played and read, as intervals and pages, and the sessions that bound it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"

# What players told before there were sessions is taken as it was: nothing that somebody has done is taken away.
FROM_EVENTS = """
insert into playback (enrollment_id, stem_id, file_id, covered, updated_at)
select en.id, m.stem_id, coalesce(m.media_id, '00000000-0000-0000-0000-000000000000'),
    range_agg(case when m.kind = 'video'
        then numrange((e.payload ->> 'from_s')::numeric, (e.payload ->> 'to_s')::numeric)
        else numrange((e.payload ->> 'page')::numeric - 1, (e.payload ->> 'page')::numeric) end), max(e.recorded_at)
from event e
join enrollment en on en.id = (e.payload ->> 'enrollment_id')::uuid
join module m on m.id = (e.payload ->> 'module_id')::uuid
where (e.type = 'engagement.video_played' and m.kind = 'video' and e.payload ? 'to_s')
    or (e.type = 'engagement.document_read' and m.kind = 'document' and e.payload ? 'page')
group by 1, 2, 3
"""


def upgrade() -> None:
    op.create_table(
        "play_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("stem_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("covered", postgresql.NUMMULTIRANGE(), server_default="{}", nullable=False),
        sa.Column("spent_s", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("least_s", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_play_session_person_id")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_play_session_enrollment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_play_session")),
    )
    op.create_index("ix_play_session_person_id", "play_session", ["person_id", "started_at"])
    op.create_table(
        "playback",
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("stem_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("covered", postgresql.NUMMULTIRANGE(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_playback_enrollment_id")),
        sa.PrimaryKeyConstraint("enrollment_id", "stem_id", "file_id", name=op.f("pk_playback")),
    )
    op.execute(FROM_EVENTS)

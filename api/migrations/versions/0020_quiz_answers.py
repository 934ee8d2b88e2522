"""Answers of an open attempt, extra time, and the time spent in packages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "quiz_answer",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("answer", JSONB(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["quiz_sitting.id"], name=op.f("fk_quiz_answer_sitting_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_quiz_answer_question_id")),
        sa.PrimaryKeyConstraint("sitting_id", "question_id", name=op.f("pk_quiz_answer")),
    )
    op.create_table(
        "extra_time",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("percent between 1 and 300", name=op.f("ck_extra_time_percent")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_extra_time_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_extra_time")),
    )
    op.add_column("quiz_sitting", sa.Column("extra_percent", sa.Integer(), server_default="0", nullable=False))
    op.add_column("quiz_attempt", sa.Column("ended_by", sa.Text(), server_default="learner", nullable=False))
    op.create_check_constraint(op.f("ck_quiz_attempt_ended_by"), "quiz_attempt", "ended_by in ('learner', 'time')")
    op.add_column("package_state", sa.Column("total_s", sa.Float(), server_default="0", nullable=False))
    op.add_column("package_state", sa.Column("told_s", sa.Float(), server_default="0", nullable=False))
    op.add_column(
        "package_state", sa.Column("is_visit_told", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )

"""Certificates that expire, are renewed and revoked; signed credentials."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

COLUMNS = (
    ("person_id", sa.Uuid()),
    ("course_id", sa.Uuid()),
    ("path_id", sa.Uuid()),
    ("expires_at", sa.DateTime(timezone=True)),
    ("expiry_recorded_at", sa.DateTime(timezone=True)),
    ("revoked_at", sa.DateTime(timezone=True)),
    ("revoked_reason", sa.Text()),
    ("revoked_by", sa.Uuid()),
    ("credential", sa.Text()),
)
WHOSE = """
    update certificate c set person_id = e.person_id, course_id = e.course_id, summary = v.summary
    from enrollment e join course_version v on v.id = e.version_id where e.id = c.enrollment_id
"""
CHECKS = {
    "kind": "kind in ('course', 'path')",
    "of_course": "kind <> 'course' or (course_id is not null and enrollment_id is not null)",
    "of_path": "kind <> 'path' or path_id is not null",
    "revoked_with_reason": "(revoked_at is null) = (revoked_reason is null)",
}


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("certificate", sa.Column(name, kind))
    op.add_column("certificate", sa.Column("kind", sa.Text(), server_default="course", nullable=False))
    op.add_column("certificate", sa.Column("summary", sa.Text(), server_default="", nullable=False))
    op.execute(sa.text("create sequence certificate_status_index minvalue 0 start 0"))
    numbered = sa.text("nextval('certificate_status_index')")
    op.add_column("certificate", sa.Column("status_index", sa.Integer(), server_default=numbered, nullable=False))
    op.execute(sa.text(WHOSE))
    op.alter_column("certificate", "person_id", nullable=False)
    op.alter_column("certificate", "enrollment_id", nullable=True)
    for name, table in (("person_id", "person"), ("course_id", "course"), ("revoked_by", "person")):
        op.create_foreign_key(op.f(f"fk_certificate_{name}"), "certificate", table, [name], ["id"])
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_certificate_{name}"), "certificate", rule)
    op.create_unique_constraint(op.f("uq_certificate_status_index"), "certificate", ["status_index"])
    op.create_index("ix_certificate_person_id_course_id", "certificate", ["person_id", "course_id"])
    op.create_index(op.f("ix_certificate_path_id"), "certificate", ["path_id"])
    unsaid = sa.text("expires_at is not null and expiry_recorded_at is null")
    op.create_index("ix_certificate_expires_at", "certificate", ["expires_at"], postgresql_where=unsaid)

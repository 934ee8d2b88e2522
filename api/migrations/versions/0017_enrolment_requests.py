"""Waiting lists and approvals."""

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Still to be written."""

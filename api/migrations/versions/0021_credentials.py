"""Certificates that expire, are renewed and revoked; signed credentials."""

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Still to be written."""

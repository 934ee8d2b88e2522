"""Answers of an open attempt, and extra time."""

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Still to be written."""

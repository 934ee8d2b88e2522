"""Bookmarks, notes and comments."""

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Still to be written."""

"""Messages, and each person's choices."""

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Still to be written."""

"""What was played and read, as intervals and pages."""

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Still to be written."""

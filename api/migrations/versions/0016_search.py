"""What the catalogue is searched by."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Still to be written."""

"""Placeholder: its owner writes it."""

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""

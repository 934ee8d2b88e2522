"""Placeholder: its owner writes it."""

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""

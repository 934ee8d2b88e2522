"""Placeholder: its owner writes it."""

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""

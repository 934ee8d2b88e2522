"""What the API says of itself, made once a process: it takes most of a second, and hundreds of tests ask."""

from functools import cache
from typing import Any

from api.app import create_app
from api.core.settings import Settings


@cache
def document() -> dict[str, Any]:
    """Nobody may change it."""
    return create_app(Settings()).openapi()

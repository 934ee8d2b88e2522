"""Event loops that don't meet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def apart(work: Callable[[], T]) -> T:
    """In a thread: once a browser test ran, Playwright's loop runs in this one, and two loops can't."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(work).result()

"""Secrets of one install: made at the first start, private to the user who runs it."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path


def keep_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret in this file; of two starters at the same moment the first wins and neither reads half of it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = _written_beside(path, make())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()


def replace_secret(path: Path, content: str) -> None:
    """A new content at once: a reader sees the old one or the new one, never half of one."""
    _written_beside(path, content).replace(path)


def _written_beside(path: Path, content: str) -> Path:
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(content)
    return fresh

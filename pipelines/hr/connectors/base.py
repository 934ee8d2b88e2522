"""What every connector gives: what a source says, whole or only what changed, as columns of text."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import polars as pl


@dataclass(frozen=True, slots=True)
class Delivery:
    """`frames` by the mapping's names, each with `LINE` (line of the file or number of the record, from 1)."""

    source: str
    frames: dict[str, pl.DataFrame]
    names: dict[str, str]
    """What a human calls each frame: a file's name, or what was asked for."""
    content_hash: str
    as_of: date
    is_whole: bool = True
    """False: only what changed since `cursor`; who is missing has not left."""
    cursor: str | None = None
    """From where to ask for changes next time; kept only once this delivery is applied."""


class Connector(Protocol):
    def fetch(self, cursor: str | None) -> Delivery | None:
        """Everything, or what changed since `cursor`; None where there is nothing new.

        Raises UnusableFile for what can't be believed and Unreachable for a system that doesn't answer: nothing of
        a torn delivery is ever given.
        """


class Unreachable(Exception):
    """The system didn't answer or let us in, after all attempts; the message says what to do."""

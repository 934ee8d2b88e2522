"""What every connector gives: what a source says, whole or only what changed, as columns of text."""

import hashlib
from collections.abc import Mapping as Names
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

import polars as pl
from pydantic import BaseModel, ConfigDict

from pipelines.hr.mapping import Mapping

LINE = "__line"


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


class UnusableFile(ValueError):
    """The whole delivery is refused, with the reason; nothing of it was applied."""

    delivery: Delivery | None = None
    """Which one, without frames, where that much is known: the same is not judged twice."""


class Unreachable(Exception):
    """The system didn't answer or let us in, after all attempts; the message says what to do."""


class Options(BaseModel):
    """What `connector:` in a mapping may say; each kind adds its own."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: str
    every_minutes: int = 15
    """How often a system is asked that can't show at a glance whether anything is new."""


@dataclass(frozen=True, slots=True)
class Place:
    """A source: its name, its folder below PRAXIS_HOME/hr, and its mapping."""

    source: str
    folder: Path
    mapping: Mapping


class Connector(Protocol):
    Options: ClassVar[type[Options]]
    options: Any

    def __init__(self, place: Place, options: Any) -> None: ...

    def fetch(self, cursor: str | None) -> Delivery | None:
        """Everything, or what changed since `cursor`; None where there is nothing new.

        Raises UnusableFile for what can't be believed and Unreachable for a system that doesn't answer: nothing of
        a torn delivery is ever given.
        """


class Glancing(Connector, Protocol):
    """A connector that sees cheaply whether anything is new; the others are asked every `every_minutes`."""

    def glance(self) -> str | None:
        """A mark that differs for other content; None while nothing whole is there."""


def records_frame(records: list[Names[str, Any]], columns: list[str]) -> pl.DataFrame:
    """Records of a system as columns of trimmed text with LINE from 1; what is empty or left out is null."""
    texts = {name: [_text(record.get(name)) for record in records] for name in columns}
    series = {name: pl.Series(name, values, dtype=pl.String) for name, values in texts.items()}
    return pl.DataFrame({LINE: range(1, len(records) + 1), **series}, schema_overrides={LINE: pl.Int64})


def _text(value: Any) -> str | None:
    """true and false as JSON says them: a mapping compares with what the system's own manual says."""
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value).strip()
    return text or None


def delivered(
    source: str,
    frames: dict[str, pl.DataFrame],
    names: dict[str, str],
    *,
    since: str | None,
    cursor: str | None = None,
    is_whole: bool = True,
    as_of: date | None = None,
) -> Delivery | None:
    """What a system answered that was asked after `since`; None where it says the same as then.

    Its hash goes on from `since`: A, then B, then A again are three deliveries. A system that knows no cursor has the
    hash of what it said for one, so its whole answer, unchanged, is nothing new.
    """
    told = hashlib.sha256()
    for name in sorted(frames):
        told.update(f"{name}\n".encode())
        told.update(frames[name].write_csv().encode())
    content = told.hexdigest()
    cursor = cursor or content
    is_empty = all(frame.is_empty() for frame in frames.values())
    if content == since or (not is_whole and is_empty):
        return None
    told.update(f"after {since}".encode())
    day = as_of or datetime.now(UTC).date()
    return Delivery(source, frames, names, told.hexdigest(), day, is_whole, cursor)

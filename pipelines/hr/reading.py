"""Reading a source's files: strictly, with the line of every row, before anything is believed."""

import csv
import hashlib
import io
import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from pipelines.hr.mapping import Mapping

LINE = "__line"
QUIET_S = 5.0
"""A file that was written to more recently is perhaps still being written."""


class UnusableFile(ValueError):
    """The whole file is refused, with the reason; nothing of it was applied."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The files of one delivery, by their name in the mapping."""

    source: str
    paths: dict[str, Path]
    content_hash: str
    as_of: date


def find_drop(folder: Path, mapping: Mapping) -> Drop | None:
    """The newest file for each pattern; None while one is missing or still being written."""
    paths: dict[str, Path] = {}
    for name, pattern in mapping.files.items():
        found = [path for path in folder.glob(pattern) if path.is_file() and not path.name.startswith(".")]
        if not found:
            return None
        paths[name] = max(found, key=lambda path: (_day(path), path.stat().st_mtime))
    if any(time.time() - path.stat().st_mtime < QUIET_S for path in paths.values()):
        return None
    content = hashlib.sha256()
    for path in paths.values():
        content.update(path.read_bytes())
    return Drop(folder.name, paths, content.hexdigest(), max(_day(path) for path in paths.values()))


def _day(path: Path) -> date:
    """The day in the file's name, such as employees-2026-11-23.csv, else the day it was written (UTC)."""
    if named := re.search(r"\d{4}-\d{2}-\d{2}", path.name):
        return date.fromisoformat(named.group())
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def read_file(path: Path, mapping: Mapping) -> pl.DataFrame:
    """All columns as trimmed text, nulls as null, and `__line`; UnusableFile says what is wrong and where."""
    text = _decode(path, mapping.encoding)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise UnusableFile(f"{path.name}, line {reader.line_num}: not CSV ({error}).") from error
    if not header or not rows:
        raise UnusableFile(f"{path.name} is empty: an export without people is taken for a fault, not for the truth.")
    if ragged := next((line for line, row in rows if len(row) != len(header)), None):
        raise UnusableFile(f"{path.name}, line {ragged}: not {len(header)} columns as in the header.")
    columns = {
        name: pl.Series(name, [row[index] for _, row in rows], dtype=pl.String) for index, name in enumerate(header)
    }
    frame = pl.DataFrame({LINE: [line for line, _ in rows], **columns})
    trimmed = pl.col(pl.String).str.strip_chars()
    return frame.with_columns(trimmed).with_columns(
        pl.when(pl.col(pl.String).is_in(mapping.null)).then(None).otherwise(pl.col(pl.String)).name.keep()
    )


def _decode(path: Path, encoding: str) -> str:
    content = path.read_bytes()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnusableFile(
            f"{path.name}, line {line}: not {encoding} (byte 0x{content[error.start]:02x}). "
            "Export it again as that, or name the right encoding in the mapping."
        ) from error
    if "\x00" in text:
        raise UnusableFile(f"{path.name} holds NUL characters: it is not a {encoding} text.")
    return text


def read_lines(drop: Drop, mapping: Mapping) -> pl.DataFrame:
    """The lines with what the other files say of them."""
    frames = {name: read_file(path, mapping) for name, path in drop.paths.items()}
    lines = frames[mapping.lines]
    for join in mapping.join:
        other = frames[join.file]
        needed = [*join.on.values(), *join.keep]
        _require(other, needed, drop.paths[join.file])
        _require(lines, list(join.on), drop.paths[mapping.lines])
        lines = lines.join(
            other.select(needed),
            left_on=list(join.on),
            right_on=list(join.on.values()),
            how="left",
            maintain_order="left",
        )
    return lines


def _require(frame: pl.DataFrame, columns: list[str], path: Path) -> None:
    if missing := [name for name in columns if name not in frame.columns]:
        has = ", ".join(name for name in frame.columns if name != LINE)
        raise UnusableFile(f"{path.name}: column {missing[0]!r} is missing; the file has {has}.")


def require_columns(lines: pl.DataFrame, columns: list[str], drop: Drop, mapping: Mapping) -> None:
    """Every column that the mapping names must be there."""
    _require(lines, columns, drop.paths[mapping.lines])

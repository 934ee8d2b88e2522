"""Reading what a source's files say: strictly, with the line of every row, before anything is believed."""

import csv
import io

import polars as pl
from polars import selectors as cs

from pipelines.hr.connectors.base import LINE, Delivery, UnusableFile
from pipelines.hr.mapping import Mapping

__all__ = ["LINE", "UnusableFile", "joined_lines", "read_content", "require_columns"]


def read_content(name: str, content: bytes, mapping: Mapping) -> pl.DataFrame:
    """CSV or Parquet as trimmed text with LINE, nulls as null; UnusableFile says what is wrong and where."""
    frame = _read_parquet(name, content) if content.startswith(b"PAR1") else _read_csv(name, content, mapping)
    return frame.with_columns(pl.col(pl.String).str.strip_chars()).with_columns(
        pl.when(pl.col(pl.String).is_in(mapping.null)).then(None).otherwise(pl.col(pl.String)).name.keep()
    )


def _read_csv(name: str, content: bytes, mapping: Mapping) -> pl.DataFrame:
    text = _decode(name, content, mapping.encoding)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise UnusableFile(f"{name}, line {reader.line_num}: not CSV ({error}).") from error
    if not header or not rows:
        raise UnusableFile(_empty(name))
    if ragged := next((line for line, row in rows if len(row) != len(header)), None):
        raise UnusableFile(f"{name}, line {ragged}: not {len(header)} columns as in the header.")
    columns = {
        column: pl.Series(column, [row[index] for _, row in rows], dtype=pl.String)
        for index, column in enumerate(header)
    }
    return pl.DataFrame({LINE: [line for line, _ in rows], **columns})


def _read_parquet(name: str, content: bytes) -> pl.DataFrame:
    """Typed columns become the text that CSV would have: days as 2026-11-28, moments as 2026-11-28T09:30:00."""
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except pl.exceptions.PolarsError as error:
        raise UnusableFile(f"{name}: not Parquet ({error}).") from error
    if frame.is_empty():
        raise UnusableFile(_empty(name))
    if nested := frame.select(cs.nested()).columns:
        raise UnusableFile(f"{name}: column {nested[0]!r} holds lists or structures; give plain columns.")
    texts = frame.with_columns(cs.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S")).cast(pl.String)
    return texts.with_row_index(LINE, offset=1).with_columns(pl.col(LINE).cast(pl.Int64))


def _empty(name: str) -> str:
    return f"{name} is empty: an export without people is taken for a fault, not for the truth."


def _decode(name: str, content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnusableFile(
            f"{name}, line {line}: not {encoding} (byte 0x{content[error.start]:02x}). "
            "Export it again as that, or name the right encoding in the mapping."
        ) from error
    if "\x00" in text:
        raise UnusableFile(f"{name} holds NUL characters: it is not a {encoding} text.")
    return text


def joined_lines(delivery: Delivery, mapping: Mapping) -> pl.DataFrame:
    """The lines with what the other frames say of them."""
    frames = delivery.frames
    lines = frames[mapping.lines]
    for join in mapping.join:
        other = frames[join.file]
        needed = [*join.on.values(), *join.keep]
        _require(other, needed, delivery.names[join.file])
        _require(lines, list(join.on), delivery.names[mapping.lines])
        lines = lines.join(
            other.select(needed),
            left_on=list(join.on),
            right_on=list(join.on.values()),
            how="left",
            maintain_order="left",
        )
    return lines


def _require(frame: pl.DataFrame, columns: list[str], name: str) -> None:
    if missing := [column for column in columns if column not in frame.columns]:
        has = ", ".join(column for column in frame.columns if column != LINE)
        raise UnusableFile(f"{name}: column {missing[0]!r} is missing; the file has {has}.")


def require_columns(lines: pl.DataFrame, columns: list[str], delivery: Delivery, mapping: Mapping) -> None:
    """Every column that the mapping names must be there."""
    _require(lines, columns, delivery.names[mapping.lines])

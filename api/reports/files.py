"""A report's rows as a file, batch by batch, so that a million take no more memory than a thousand."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from api.reports.columns import DAY, MOMENT, NUMBER, TEXT, Column, written

Batches = Iterator[pa.RecordBatch]
BOM = b"\xef\xbb\xbf"
KINDS = {TEXT: pa.string(), NUMBER: pa.int64(), DAY: pa.date32(), MOMENT: pa.timestamp("us", "UTC")}
FORMULA = (ord("="), ord("+"), ord("-"), ord("@"), ord("\t"), ord("\r"), ord("\n"))


@dataclass(frozen=True, slots=True)
class About:
    """What the file says of itself; `facts` are (what, as people read it), `evidence` is for machines."""

    title: str
    facts: list[tuple[str, str]]
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """`cell` is the SQL of a column's cells as `write(path, columns, batches, about)` wants them."""

    cell: Callable[[Column], str]
    write: Callable[[Path, list[Column], Batches, About], None]


def harmless_text(column: Column) -> str:
    """A text that begins like a formula gets an apostrophe (OWASP: CSV injection)."""
    if column.kind != TEXT:
        return written(column) if column.kind == MOMENT else column.name
    return f"case when ascii({column.name}) in {FORMULA} then '''' || {column.name} else {column.name} end"


def write_csv(path: Path, columns: list[Column], batches: Batches, _: About) -> None:
    """UTF-8 with a byte order mark, so that Excel shows names right."""
    headings = [column.heading for column in columns]
    with path.open("wb") as file:
        file.write(BOM)
        file.write(",".join(f'"{heading}"' for heading in headings).encode() + b"\n")
        for batch in batches:
            pa_csv.write_csv(batch, file, pa_csv.WriteOptions(include_header=False))


def typed(column: Column) -> str:
    return f"date_trunc('second', {column.name})" if column.kind == MOMENT else column.name


def write_parquet(path: Path, columns: list[Column], batches: Batches, about: About) -> None:
    """Columns by their names in the API; the evidence is in the file's own metadata, key `praxis`."""
    metadata = {"title": about.title, "praxis": json.dumps(about.evidence)}
    schema = pa.schema([(column.name, KINDS[column.kind]) for column in columns], metadata=metadata)
    with pa_parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            cells = [part.cast(field.type) for part, field in zip(batch.columns, schema, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(cells, schema=schema))

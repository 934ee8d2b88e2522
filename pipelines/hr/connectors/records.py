"""From a vendor's nested JSON to columns of text."""

from collections.abc import Iterable
from collections.abc import Mapping as Names
from typing import Any

import polars as pl

from pipelines.hr.connectors.base import records_frame
from pipelines.hr.mapping import Mapping
from pipelines.hr.transforms import columns_of


def flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """`{"a": {"b": 1}, "c": [{"d": 2}]}` becomes `{"a.b": 1, "c.0.d": 2}`."""
    plain: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, list):
            value = {str(index): item for index, item in enumerate(value)}  # noqa: PLW2901
        plain |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return plain


def frame_of(records: Iterable[dict[str, Any]], mapping: Mapping, name: str) -> pl.DataFrame:
    """Columns that any record has, and those that the mapping reads of this frame: vendors leave out what is empty."""
    told: list[Names[str, Any]] = [flat(record) for record in records]
    columns = dict.fromkeys([*(column for record in told for column in record), *wanted(mapping, name)])
    return records_frame(told, list(columns))


def wanted(mapping: Mapping, name: str) -> list[str]:
    """The columns that the mapping reads from this frame."""
    joined = {column for join in mapping.join for column in join.keep}
    if name == mapping.lines:
        own = [column for column in columns_of(mapping) if column not in joined]
        keys = [key for join in mapping.join for key in join.on if key not in joined]
        return list(dict.fromkeys([*own, *keys]))
    joins = [join for join in mapping.join if join.file == name]
    return list(dict.fromkeys(column for join in joins for column in (*join.on.values(), *join.keep)))


def groups_of(ids: list[str], size: int) -> list[list[str]]:
    """As many as an address can name at once."""
    return [ids[start : start + size] for start in range(0, len(ids), size)]

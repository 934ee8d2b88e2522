"""From a source's columns to ours, as polars expressions that the mapping asks for."""

from collections.abc import Sequence

import polars as pl

from pipelines.hr.connectors.base import LINE
from pipelines.hr.mapping import FieldMap, Fields, Mapping


def columns_of(mapping: Mapping) -> list[str]:
    """Every column the mapping reads."""
    found = [field.column for _, field in _given(mapping.fields) if field.column]
    return [*found, *([mapping.manager.column] if mapping.manager else [])]


def _given(fields: Fields) -> Sequence[tuple[str, FieldMap]]:
    return [(name, getattr(fields, name)) for name in Fields.model_fields if getattr(fields, name)]


def to_people(lines: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """Our columns; `manager` as the source names it; `unreadable` names the dates that are none."""
    given = dict(_given(mapping.fields))
    dates = {name: field for name, field in given.items() if field.date}
    manager = mapping.manager
    return lines.select(
        pl.col(LINE).alias("line"),
        *(expression(field).alias(name) for name, field in given.items()),
        *(pl.lit(None, pl.String).alias(name) for name in Fields.model_fields if name not in given),
        _manager(lines, manager.column if manager else None, manager.nobody if manager else []).alias("manager"),
        _unreadable(dates).alias("unreadable"),
    ).with_columns(pl.col("started_on", "ended_on", "valid_from").cast(pl.Date))


def expression(field: FieldMap) -> pl.Expr:
    value = pl.lit(field.constant, pl.String) if field.column is None else pl.col(field.column)
    if field.after is not None:
        value = value.str.split(field.after).list.last()
    if field.last_first:
        value = _last_first(value)
    if field.values is not None:
        value = value.replace_strict(field.values, default=value, return_dtype=pl.String)
    if field.date:
        value = value.str.to_date(field.date, strict=False)
    return value


def _last_first(value: pl.Expr) -> pl.Expr:
    """'Adinolfi, Wilson  K' -> 'Wilson K Adinolfi'; a name without a comma stays."""
    parts = value.str.splitn(",", 2).struct
    turned = pl.concat_str(parts[1].str.strip_chars(), pl.lit(" "), parts[0].str.strip_chars())
    return pl.coalesce(turned, value).str.replace_all(r"\s+", " ")


def _manager(lines: pl.DataFrame, column: str | None, nobody: list[str]) -> pl.Expr:
    if column is None:
        return pl.lit(None, pl.String)
    return pl.when(pl.col(column).is_in(nobody)).then(None).otherwise(pl.col(column))


def _unreadable(dates: dict[str, FieldMap]) -> pl.Expr:
    """'DateofHire 31/31/2020 is no date like %m/%d/%Y' for a value that is there and can't be read."""
    complaints = [
        pl.when(pl.col(field.column).is_not_null() & expression(field).is_null()).then(
            pl.format(f"{field.column} '{{}}' is no date like {field.date}", pl.col(field.column))
        )
        for field in dates.values()
        if field.column
    ]
    return pl.concat_str(complaints, separator="; ", ignore_nulls=True) if complaints else pl.lit("")

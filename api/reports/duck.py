"""Queries of DuckDB with named parameters."""

from typing import Any

import duckdb

Cursor = duckdb.DuckDBPyConnection


def used(query: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Only those that the query names, because DuckDB refuses others."""
    return {name: value for name, value in parameters.items() if f"${name}" in query}


def rows(cursor: Cursor, query: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Rows as dicts."""
    cursor.execute(query, used(query, parameters or {}))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

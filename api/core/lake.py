"""DuckDB connections to the lake: DuckLake tables in Parquet, their catalog in Postgres (schema `lake`)."""

from pathlib import Path

import duckdb
import duckdb_extensions

from api.core.settings import Settings

CATALOG_SCHEMA = "lake"
"""Postgres schema of DuckLake's catalog."""

INLINE_ROWS = 1000
"""Commits up to this many rows stay in the catalog until a flush, so minutes don't become small files."""


def load_extensions() -> None:
    """Put DuckDB's own signed extension binaries, carried by PyPI packages, where LOAD finds them: no network."""
    for name in ("ducklake", "postgres_scanner"):
        duckdb_extensions.import_extension(name)


def attach_sql(settings: Settings, *, read_only: bool = False, snapshot: int | None = None) -> str:
    """The ATTACH statement that dbt, the pipelines and the reports share; `snapshot` pins one version."""
    options = [
        f"DATA_PATH '{settings.lake_dir}/'",
        f"METADATA_SCHEMA '{CATALOG_SCHEMA}'",
        f"DATA_INLINING_ROW_LIMIT {INLINE_ROWS}",
    ]
    if read_only:
        options.append("READ_ONLY")
    if snapshot is not None:
        options.append(f"SNAPSHOT_VERSION {snapshot}")
    return f"ATTACH 'ducklake:postgres:{settings.database_url}' AS lake ({', '.join(options)})"


def connect(
    settings: Settings, *, read_only: bool = False, snapshot: int | None = None, threads: int = 2
) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with the lake attached as `lake`; close it, or keep it for many reads."""
    load_extensions()
    Path(settings.lake_dir).mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"threads": threads})
    connection.execute(
        "LOAD ducklake; LOAD postgres_scanner; SET ducklake_max_retry_count = 100; SET GLOBAL TimeZone = 'UTC'"
    )
    connection.execute(attach_sql(settings, read_only=read_only, snapshot=snapshot))
    return connection

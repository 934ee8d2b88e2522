"""Makes one file, in a process of its own: `python -m api.reports.file_maker job.json`.

So a kill ends it at once, whatever it is at, and its memory goes back. It reads the lake and what the job gives it of
Postgres (whom the asker sees, and the tail), never Postgres' tables. Each line of its stdout is a piece of news.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from api.core import lake
from api.core.settings import Settings
from api.reports import queries
from api.reports.columns import Column, chosen
from api.reports.duck import Cursor, rows, used
from api.reports.evidence import evidence
from api.reports.files import About, Kind, harmless_text, typed, write_csv, write_parquet

BATCH = 20_000
MEMORY = "256MB"
"""Of DuckDB; what needs more goes to the folder of the job for the while."""
NEWS_S = 0.2
DAYS = ("today", "as_of", "due_from", "due_to")

ITEMS = {"compliance": queries.ITEM, "progress": queries.TEAM_ENROLLMENT}
ORDER = {"compliance": queries.ITEMS_ORDER, "progress": queries.TEAM_ENROLLMENTS_ORDER}
TABLES = {"compliance": queries.OBLIGATION, "progress": queries.ENROLLMENT}


class TooLong(Exception):
    """The format can't hold it; says the way out."""


def tell(**news: Any) -> None:
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


def make(job: dict[str, Any]) -> dict[str, Any]:
    """The evidence of what was written."""
    settings = Settings(home=Path(job["home"]), database_url=job["database_url"])
    parameters = {**job["parameters"]}
    for name in DAYS:
        parameters[name] = parameters[name] and date.fromisoformat(parameters[name])
    folder = Path(job["folder"])
    with lake.connect(settings, read_only=True, snapshot=job["lake_snapshot"]) as cursor:
        cursor.execute(f"set memory_limit = '{MEMORY}'; set temp_directory = '{folder}/spill'")
        _load(cursor, job["report"], folder, parameters)
        found = evidence(cursor, job["report"], ITEMS[job["report"]], parameters)
        tell(rows_total=found["row_count"])
        _write(cursor, job, parameters, {**job["evidence"], **found})
    return found


def _load(cursor: Cursor, report: str, folder: Path, parameters: dict[str, Any]) -> None:
    for name in ("team", "tail"):
        cursor.execute(f"create temp table {name} as from read_parquet('{folder}/{name}.parquet')")
    cursor.execute(f"create temp view mart as {queries.MART.format(mart=queries.MARTS[report])}")
    cursor.execute(f"create temp view courses as {queries.COURSES}")
    for statement in (queries.GONE, queries.REVOKED, queries.ADVANCES, TABLES[report]):
        rows(cursor, statement, parameters)


def _write(cursor: Cursor, job: dict[str, Any], parameters: dict[str, Any], proof: dict[str, Any]) -> None:
    path, columns = Path(job["path"]), chosen(job["report"], job["columns"])
    facts = [*job["facts"], ("Rows", f"{proof['row_count']:,}"), ("Checksum", proof["checksum"])]
    kind = _kind(cursor, job, proof["row_count"])
    batches = _batches(cursor, job["report"], columns, kind, parameters)
    kind.write(path, columns, batches, About(job["title"], facts, proof))


def _kind(cursor: Cursor, job: dict[str, Any], row_count: int) -> Kind:
    """How to write this format; the two libraries that take long to load, only where they are needed."""
    if job["format"] == "xlsx":
        from api.reports.xlsx_file import serial, write_xlsx  # noqa: PLC0415

        return Kind(serial, write_xlsx)
    if job["format"] == "pdf":
        from api.reports.pdf_file import MOST_ROWS, ROWS_PER_S, printed, write_pdf  # noqa: PLC0415

        if row_count > MOST_ROWS:
            raise TooLong(
                f"{row_count:,} rows are more than a PDF holds ({MOST_ROWS:,}). Take XLSX, CSV or Parquet, or narrow"
                " the question by team, course, status or days."
            )
        tell(expected_s=1 + row_count / ROWS_PER_S)
        return Kind(printed, partial(write_pdf, bars=_bars(cursor, job["report"])))
    return Kind(harmless_text, write_csv) if job["format"] == "csv" else Kind(typed, write_parquet)


def _batches(
    cursor: Cursor, report: str, columns: list[Column], kind: Kind, parameters: dict[str, Any]
) -> Iterator[pa.RecordBatch]:
    # By numbers: an order by the name of a cell would be by what is written there instead of by what it stands for.
    cells = ", ".join(f"{kind.cell(column)} as cell_{place}" for place, column in enumerate(columns))
    jobs = " join (select person_id, job_title from team) using (person_id)"
    source = f"({ITEMS[report]}){jobs if any(column.name == 'job_title' for column in columns) else ''}"
    query = f"select {cells} from {source} order by {ORDER[report]}"  # noqa: S608 (our own names)
    done, told = 0, 0.0
    for batch in cursor.execute(query, used(query, parameters)).to_arrow_reader(BATCH):
        yield batch
        done += batch.num_rows
        if time.monotonic() - told > NEWS_S:
            told = time.monotonic()
            tell(rows_done=done)
    tell(rows_done=done)


def _bars(cursor: Cursor, report: str) -> dict[str, Any]:
    found = rows(cursor, queries.TEAM_RATES) if report == "compliance" else []
    told = "Compliant of what had to be done by now" + ("; the 12 teams furthest behind" if len(found) == 12 else "")
    return {"bars": [(row["team"], row["rate"]) for row in found], "bars_title": "Rate by team", "bars_told": told}


def main() -> None:
    try:
        made = make(json.loads(Path(sys.argv[1]).read_text()))
        tell(made=made, peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    except TooLong as refusal:
        tell(refused=str(refusal))


if __name__ == "__main__":
    main()

"""A report on paper: a PDF/UA made by typst, with the evidence on the first page and at the foot of each."""

import json
from pathlib import Path
from typing import Any

import typst

from api.reports.columns import DAY, MOMENT, NUMBER, Column
from api.reports.files import About, Batches

ASSETS = Path(__file__).parent / "assets"
FONTS = Path(__file__).parents[1] / "credentials" / "assets"
MOST_ROWS = 20_000
ROWS_PER_S = 1000
"""Roughly, until a page can be told from the next: what an estimate starts from."""
WORDS = {"due_soon": "Due soon", "overdue": "Overdue", "compliant": "Compliant", "open": "Open", "waived": "Waived"}
WIDTH = {"person": 3, "team": 2.4, "course": 3, "job_title": 2.4, "person_id": 3, "course_id": 3}
"""In shares of what is left; other columns are as wide as what stands in them."""


def printed(column: Column) -> str:
    """SQL of a cell as people read it."""
    if column.name == "status":
        whens = " ".join(f"when '{key}' then '{word}'" for key, word in WORDS.items())
        return f"case status {whens} else status end"
    if column.kind == MOMENT:
        return f"coalesce(strftime({column.name}, '%Y-%m-%d %H:%M'), '–')"
    return f"coalesce({column.name}::varchar, '–')" if column.kind in (DAY, NUMBER) else f"coalesce({column.name}, '')"


def write_pdf(path: Path, columns: list[Column], batches: Batches, about: About, bars: dict[str, Any]) -> None:
    rows = [cells for batch in batches for cells in zip(*(part.to_pylist() for part in batch.columns), strict=True)]
    data = {
        "title": about.title,
        "facts": about.facts,
        "evidence": "Snapshot {snapshot} · {row_count} rows · {checksum}".format(**about.evidence),
        **bars,
        "rows_title": "All rows",
        "headings": [column.heading for column in columns],
        "widths": [WIDTH.get(column.name, 0) for column in columns],
        "rows": rows,
    }
    compiler = typst.Compiler(ASSETS / "report.typ", font_paths=[FONTS])
    inputs = {"data": json.dumps(data)}
    try:
        compiler.compile(output=str(path), sys_inputs=inputs, format="pdf", pdf_standards="ua-1")
    except typst.TypstError:
        # A name in a script that no font of this machine has: PDF/UA refuses it, and boxes are better than nothing.
        compiler.compile(output=str(path), sys_inputs=inputs, format="pdf")

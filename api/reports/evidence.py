"""How many rows an answer has and their checksum: the same however it is shown, and anybody can reckon it again.

docs/reports.md says how; a sum, so that the order of rows doesn't matter and no more than one row is held at a time.
"""

from typing import Any

from api.reports.duck import Cursor, rows

TEXT, NUMBER, DAY, MOMENT = "text", "number", "day", "moment"

CHECKED: dict[str, dict[str, str]] = {
    "compliance": {
        "person": TEXT,
        "team": TEXT,
        "course": TEXT,
        "due_on": DAY,
        "status": TEXT,
        "progress_percent": NUMBER,
        "days_late": NUMBER,
        "completed_at": MOMENT,
    },
    "progress": {
        "person": TEXT,
        "team": TEXT,
        "course": TEXT,
        "progress_percent": NUMBER,
        "score_percent": NUMBER,
        "enrolled_at": MOMENT,
        "last_activity_at": MOMENT,
        "completed_at": MOMENT,
    },
}
"""By report, the columns whose cells are in the checksum, in this order: those that files have unless others are asked
for."""


def as_text(column: str, kind: str) -> str:
    """SQL of a cell as every file writes it: ISO 8601, moments in UTC to the second, nothing for null."""
    written = f"strftime({column}, '%Y-%m-%dT%H:%M:%SZ')" if kind == MOMENT else f"{column}::varchar"
    return f"coalesce({written}, '')"


def row_hash(report: str) -> str:
    """SQL of one row's part of the checksum."""
    cells = ", ".join(as_text(column, kind) for column, kind in CHECKED[report].items())
    return f"md5_number_upper(concat_ws(chr(31), {cells}))"


def checksum(total: int) -> str:
    return f"{total % 2**64:016x}"


def evidence(cursor: Cursor, report: str, items: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """`row_count` and `checksum` of the rows that the query `items` gives."""
    query = f"select count(*) as row_count, coalesce(sum({row_hash(report)}), 0) as total from ({items})"  # noqa: S608
    found = rows(cursor, query, parameters)[0]
    return {"row_count": found["row_count"], "checksum": checksum(found["total"])}

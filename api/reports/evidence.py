"""How many rows an answer has and their checksum: the same however it is shown, and anybody can reckon it again.

docs/reports.md says how; a sum, so that the order of rows doesn't matter and no more than one row is held at a time.
"""

from typing import Any

from api.reports.columns import as_text, usual
from api.reports.duck import Cursor, rows


def row_hash(report: str) -> str:
    """SQL of one row's part of the checksum, whichever columns are shown."""
    cells = ", ".join(as_text(column) for column in usual(report))
    return f"md5_number_upper(concat_ws(chr(31), {cells}))"


def checksum(total: int) -> str:
    """Of the sum of the rows' parts."""
    return f"{total % 2**64:016x}"


def evidence(cursor: Cursor, report: str, items: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """`row_count` and `checksum` of the rows that the query `items` gives."""
    query = f"select count(*) as row_count, coalesce(sum({row_hash(report)}), 0) as total from ({items})"  # noqa: S608
    found = rows(cursor, query, parameters)[0]
    return {"row_count": found["row_count"], "checksum": checksum(found["total"])}


def evidence_header(freshness: dict[str, Any]) -> str:
    """Of a file that has no place for it: a structured field (RFC 9651)."""
    return 'snapshot={snapshot}, rows={row_count}, checksum="{checksum}", watermark="{watermark}"'.format(**freshness)

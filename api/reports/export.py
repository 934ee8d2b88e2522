"""A report as CSV that a spreadsheet opens without running anything in it."""

import csv
import io
from typing import Any

from api.reports.schemas import ComplianceReport

HEADER = ["Person", "Team", "Course", "Due", "Status", "Progress %", "Days late", "Completed at (UTC)"]


def compliance_csv(report: ComplianceReport) -> bytes:
    """UTF-8 with a byte order mark, so that Excel shows names right; one line per obligation."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for item in report.items:
        completed = item.completed_at.isoformat(timespec="seconds") if item.completed_at else ""
        cells = [item.person.name, item.team, item.course.name, item.due_on, item.status, item.progress_percent]
        writer.writerow([_harmless(cell) for cell in [*cells, item.days_late, completed]])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: Any) -> Any:
    """A text that begins like a formula gets an apostrophe (OWASP: CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell

"""A report as CSV that a spreadsheet opens without running anything in it."""

from typing import Any

from api.core.spreadsheet import csv_text
from api.reports.schemas import ComplianceReport

HEADER = ["Person", "Team", "Course", "Due", "Status", "Progress %", "Days late", "Completed at (UTC)"]


def compliance_csv(report: ComplianceReport) -> bytes:
    """UTF-8 with a byte order mark, so that Excel shows names right; one line per obligation."""
    rows: list[list[Any]] = [HEADER]
    for item in report.items:
        completed = item.completed_at.isoformat(timespec="seconds") if item.completed_at else ""
        cells = [item.person.name, item.team, item.course.name, item.due_on, item.status, item.progress_percent]
        rows.append([*cells, item.days_late, completed])
    return csv_text(rows).encode("utf-8-sig")

"""A report as a workbook: real days and numbers, a sheet for each million rows, a last one with the evidence."""

from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from api.reports.columns import DAY, MOMENT, Column
from api.reports.files import About, Batches

MOST_ROWS = 1_048_576
"""Of a sheet, its heading included."""
WIDTH = {"person": 28, "team": 24, "course": 32, "job_title": 24, "person_id": 38, "course_id": 38}
HEADING = {"bold": True, "font_color": "#ffffff", "bg_color": "#0b3a6f", "align": "left"}


def serial(column: Column) -> str:
    """SQL of days and moments as Excel counts them: to write a number costs half of writing a date."""
    if column.kind == DAY:
        return f"datediff('day', date '1899-12-30', {column.name})"
    if column.kind == MOMENT:
        return f"epoch(date_trunc('second', {column.name})) / 86400 + 25569"
    return column.name


def write_xlsx(path: Path, columns: list[Column], batches: Batches, about: About, *, most: int = MOST_ROWS) -> None:
    """Never cut off: what a sheet doesn't hold is in the next one."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)})
    book.set_properties({"title": about.title, "comments": "; ".join(f"{name}: {told}" for name, told in about.facts)})
    heading = book.add_format(HEADING)
    day, moment = (book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))
    formats = [{DAY: day, MOMENT: moment}.get(column.kind) for column in columns]
    sheet, at = _sheet(book, columns, heading, 1), 1
    for batch in batches:
        for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if at == most:
                _finish(sheet, columns, at)
                sheet, at = _sheet(book, columns, heading, len(book.worksheets()) + 1), 1
            # By kind, which is quicker than letting it look; and what looks like a formula or link stays a text.
            for place, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(at, place, cell)
                elif cell is not None:
                    sheet.write_number(at, place, cell, formats[place])
            at += 1
    _finish(sheet, columns, at)
    _about(book, about, heading)
    book.close()


def _sheet(book: xlsxwriter.Workbook, columns: list[Column], heading: Format, number: int) -> Worksheet:
    sheet = book.add_worksheet("Report" if number == 1 else f"Report {number}")
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, WIDTH.get(column.name, 20 if column.kind == MOMENT else 14))
    sheet.write_row(0, 0, [column.heading for column in columns], heading)
    return sheet


def _finish(sheet: Worksheet, columns: list[Column], at: int) -> None:
    sheet.autofilter(0, 0, at - 1, len(columns) - 1)


def _about(book: xlsxwriter.Workbook, about: About, heading: Format) -> None:
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    sheet.write_row(0, 0, [about.title, ""], heading)
    for at, (name, told) in enumerate(about.facts, start=1):
        sheet.write_string(at, 0, name)
        sheet.write_string(at, 1, told)

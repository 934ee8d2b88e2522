"""The rows of now: as the mart has them, those of people of whom something newer is known reckoned anew."""

from typing import Any

import pyarrow as pa

from api.reports import published_queries as published
from api.reports import queries
from api.reports.duck import Cursor, rows
from api.reports.evidence import row_hash
from api.reports.units import Shown
from api.reports.views import View

Told = tuple[str, dict[str, Any]]
"""SQL of the rows, and the parameters of queries over them."""


def compliance_rows(cursor: Cursor, found: View, units: Shown, parameters: dict[str, Any]) -> Told:
    tables = found.tables()
    numbers = _prepare(cursor, found, units, parameters)
    if _stirred(cursor, found, numbers):
        cursor.execute(published.OBLIGATION_MART.format(**tables))
        _newer(cursor)
        all_of_them = {"due_from": None, "due_to": None, "courses": None, "people": None, "team": None}
        rows(cursor, published.OBLIGATION, numbers | all_of_them)
        rows(cursor, published.OBLIGATION_FRESH.format(hash=row_hash("compliance"), **tables), numbers)
    else:
        cursor.execute(published.NO_OBLIGATION.format(**tables))
    return published.NOW.format(columns=published.OF_OBLIGATION, **tables), numbers


def progress_rows(cursor: Cursor, found: View, units: Shown, parameters: dict[str, Any]) -> Told:
    tables = found.tables()
    numbers = _prepare(cursor, found, units, parameters)
    if _stirred(cursor, found, numbers):
        cursor.execute(published.ENROLLMENT_MART.format(**tables))
        _newer(cursor)
        cursor.execute(published.TITLES.format(**tables))
        enrolled = published.ENROLLMENT_TEAM.format(hash=row_hash("progress"))
        for statement in (queries.ENROLLMENT, enrolled, published.ENROLLMENT_FRESH):
            cursor.execute(statement)
    else:
        cursor.execute(published.NO_ENROLLMENT.format(**tables))
    return published.NOW.format(columns=published.OF_ENROLLMENT, **tables), numbers


def _prepare(cursor: Cursor, found: View, units: Shown, parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters with the numbers of the people and of what they learn."""
    cursor.register("tail", found.tail)
    told = units.row_of
    cursor.register(
        "shown", pa.table({"u": pa.array(told.keys(), pa.int32()), "unit": pa.array(told.values(), pa.int32())})
    )
    numbered: dict[str, list[int] | None] = {"ns": None, "rs": None}
    for name, wanted, query in (
        ("ns", parameters["people"], "select n as number from {people} where list_contains($wanted, person_id)"),
        ("rs", parameters["courses"], "select r as number from {subjects} where list_contains($wanted, course_id)"),
    ):
        if wanted is not None:
            numbers = rows(cursor, query.format(**found.tables()), {"wanted": wanted})
            numbered[name] = [row["number"] for row in numbers]
    return parameters | numbered


def _stirred(cursor: Cursor, found: View, parameters: dict[str, Any]) -> bool:
    rows(cursor, published.STIRRED.format(**found.tables()), parameters)
    cursor.execute(published.STIRRED_TEAM.format(**found.tables()))
    return bool(cursor.execute("select exists (from stirred)").fetchall()[0][0])


def _newer(cursor: Cursor) -> None:
    for statement in (queries.GONE, queries.REVOKED, queries.ADVANCES):
        cursor.execute(statement)

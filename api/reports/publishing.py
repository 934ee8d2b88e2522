"""The tables that reports of one state have in common (published.py); each function runs in a thread."""

from collections import Counter
from datetime import date
from typing import Any

import pyarrow as pa

from api.people.seats import Seats
from api.reports import published_queries as published
from api.reports import queries
from api.reports.duck import Cursor, rows
from api.reports.evidence import row_hash
from api.reports.rules import Unit

NOTHING_NARROWED = dict.fromkeys(("as_of", "due_from", "due_to", "courses", "people", "team", "status"))
Names = tuple[str, str, str]
"""Of the tables: the company's people, the mart's rows, what they are of."""


def company(cursor: Cursor, name: str, columns: dict[str, list[Any]], units: list[Unit]) -> None:
    at = {unit.id: number for number, unit in enumerate(units)}
    text = {column: pa.array(values, pa.string()) for column, values in columns.items()}
    cursor.register("told", pa.table({**text, "n": pa.array(range(len(columns["person_id"])), pa.int32())}))
    cursor.register(
        "unit",
        pa.table(
            {"org_unit_id": list(at), "u": pa.array(at.values(), pa.int32()), "team": [unit.name for unit in units]}
        ),
    )
    cursor.execute(published.COMPANY.format(name=name))


def sight(cursor: Cursor, name: str, people: str, seats: Seats, few: int) -> tuple[Counter[int], list[str]]:
    """(how many work in each unit, their ids where they are few)."""
    cursor.register(
        "told",
        pa.table(
            {
                "employment_id": pa.array(seats.employment_id, pa.string()),
                "depth": pa.array(seats.depth, pa.int32()),
                "via": pa.array(seats.via, pa.string()),
            }
        ),
    )
    cursor.execute(published.SIGHT.format(name=name, people=people))
    held = Counter({row["u"]: row["many"] for row in rows(cursor, published.HELD.format(name=name, people=people))})
    if sum(held.values()) > few:
        return held, []
    return held, [row["person_id"] for row in rows(cursor, published.SEEN_IDS.format(name=name, people=people))]


def compliance(
    cursor: Cursor, names: Names, source: pa.Table, courses: pa.Table, day: date
) -> tuple[int, list[dict[str, Any]]]:
    people, table, subjects = names
    _mart(cursor, people, source, published.OBLIGATION_SUBJECTS.format(name=subjects))
    parameters = NOTHING_NARROWED | {"today": day}
    rows(cursor, published.OBLIGATION, parameters)
    rows(
        cursor, published.OBLIGATION_ROWS.format(name=table, subjects=subjects, hash=row_hash("compliance")), parameters
    )
    return _end(cursor, published.REQUIRED.format(subjects=subjects))


def progress(
    cursor: Cursor, names: Names, source: pa.Table, courses: pa.Table, day: date
) -> tuple[int, list[dict[str, Any]]]:
    people, table, subjects = names
    cursor.register("courses", courses)
    _mart(cursor, people, source, published.ENROLLMENT_SUBJECTS.format(name=subjects))
    for statement in (queries.ENROLLMENT, published.ENROLLMENT_TEAM.format(hash=row_hash("progress"))):
        cursor.execute(statement)
    cursor.execute(published.ENROLLMENT_ROWS.format(name=table))
    return _end(cursor, published.REQUIRED.format(subjects=subjects))


def _mart(cursor: Cursor, people: str, source: pa.Table, subjects: str) -> None:
    """What the queries of a report read, with everybody as the team and nothing newer than the mart."""
    cursor.register("source", source)
    cursor.execute(subjects)
    cursor.execute(published.MART_ROWS)
    cursor.execute(published.EVERYBODY.format(people=people))
    cursor.register("tail", queries.TAIL_SCHEMA.empty_table())
    for statement in (queries.GONE, queries.REVOKED, queries.ADVANCES):
        cursor.execute(statement)


def _end(cursor: Cursor, courses: str) -> tuple[int, list[dict[str, Any]]]:
    """(the mart's watermark, the courses that it is about). Temporary tables go with the cursor."""
    xid = cursor.execute("select coalesce(max(as_of_xid), 0) from source").fetchone()
    return int(xid[0]) if xid else 0, rows(cursor, courses)

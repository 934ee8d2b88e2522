"""The columns of the reports: how each is called in a file, and what its cells are."""

from dataclasses import dataclass

TEXT, NUMBER, DAY, MOMENT = "text", "number", "day", "moment"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: str
    heading: str
    is_usual: bool = True
    """In a file unless other columns are asked for, and in the checksum whichever are."""


WHO_AND_WHAT = (
    Column("person", TEXT, "Person"),
    Column("team", TEXT, "Team"),
    Column("course", TEXT, "Course"),
)
MORE = (
    Column("job_title", TEXT, "Job", is_usual=False),
    Column("person_id", TEXT, "Person id", is_usual=False),
    Column("course_id", TEXT, "Course id", is_usual=False),
)
OF_REPORT = {
    "compliance": (
        *WHO_AND_WHAT,
        Column("due_on", DAY, "Due"),
        Column("status", TEXT, "Status"),
        Column("progress_percent", NUMBER, "Progress %"),
        Column("days_late", NUMBER, "Days late"),
        Column("completed_at", MOMENT, "Completed at (UTC)"),
        *MORE,
    ),
    "progress": (
        *WHO_AND_WHAT,
        Column("progress_percent", NUMBER, "Progress %"),
        Column("score_percent", NUMBER, "Score %"),
        Column("enrolled_at", MOMENT, "Enrolled at (UTC)"),
        Column("last_activity_at", MOMENT, "Last activity (UTC)"),
        Column("completed_at", MOMENT, "Completed at (UTC)"),
        *MORE,
    ),
}


def columns_of(report: str) -> dict[str, Column]:
    """By name, in the order of a file."""
    return {column.name: column for column in OF_REPORT[report]}


def usual(report: str) -> list[Column]:
    return [column for column in OF_REPORT[report] if column.is_usual]


def chosen(report: str, names: list[str] | None) -> list[Column]:
    """Those named, in that order; the usual ones without names."""
    known = columns_of(report)
    return [known[name] for name in names] if names else usual(report)


def written(column: Column) -> str:
    """SQL of a cell as a text file writes it: ISO 8601, moments in UTC to the second."""
    is_moment = column.kind == MOMENT
    return f"strftime({column.name}, '%Y-%m-%dT%H:%M:%SZ')" if is_moment else f"{column.name}::varchar"


def as_text(column: Column) -> str:
    """The same, nothing for null."""
    return f"coalesce({written(column)}, '')"

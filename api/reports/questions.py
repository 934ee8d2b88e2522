"""What a file is asked for: which rows, which columns, which format."""

import uuid
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.people.sight import Choice, Whose
from api.reports.columns import OF_REPORT, columns_of
from api.reports.filters import Filters
from api.reports.schemas import ID, Status, example

Report = Literal["compliance", "progress"]
Format = Literal["csv", "xlsx", "pdf", "parquet"]
MOST_IDS = 1000
OFFERED = "; ".join(f"{report}: {', '.join(column.name for column in OF_REPORT[report])}" for report in OF_REPORT)


def _distinct(given: list[uuid.UUID] | None) -> list[uuid.UUID] | None:
    return given and sorted(set(given))


Ids = Annotated[list[uuid.UUID] | None, Field(max_length=MOST_IDS), AfterValidator(_distinct)]


class ReportQuestion(BaseModel):
    """None means all. The same words as the parameters of the two reports on screen, so the same rows."""

    model_config = ConfigDict(
        extra="forbid",
        **example(
            {
                "report": "compliance",
                "format": "xlsx",
                "due_from": "2026-01-01",
                "due_to": "2026-12-31",
                "courses": [ID],
                "status": "overdue",
                "columns": ["person", "team", "course", "due_on", "days_late"],
            }
        ),
    )

    report: Report = Field(
        default="compliance",
        description="compliance: a row an obligation, as in /compliance-report; progress: a row an enrollment, as in"
        " /team-progress.",
    )
    format: Format = "csv"
    due_from: date | None = None
    due_to: date | None = None
    courses: Ids = None
    people: Ids = None
    team: str | None = Field(default=None, max_length=200, pattern=r"^[^\x00]*$")
    status: Status | Literal["completed", "in_progress"] | None = None
    columns: list[str] | None = Field(
        default=None, min_length=1, max_length=20, description=f"In this order. {OFFERED}"
    )
    whose: Whose = "all"
    on_behalf_of: uuid.UUID | None = None
    direct_only: bool = False
    as_of: date | None = Field(default=None, ge=date(1900, 1, 1))
    snapshot: int | None = Field(default=None, ge=1, description="The number of an answer, for the same rows as it.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Each report has words of its own."""
        known = columns_of(self.report)
        if unknown := [name for name in self.columns or () if name not in known]:
            raise ValueError(f"columns: {unknown[0]} is no column of {self.report}; it has {', '.join(known)}")
        if len(set(self.columns or ())) != len(self.columns or ()):
            raise ValueError("columns: name each once")
        is_enrollment = self.status in ("completed", "in_progress")
        if self.status and is_enrollment != (self.report == "progress"):
            raise ValueError(f"status: {self.status} is no status of {self.report}")
        if self.report == "progress" and (self.due_from or self.due_to or self.team or self.as_of):
            raise ValueError("due_from, due_to, team and as_of are of report=compliance: leave them out")
        if self.due_from and self.due_to and self.due_from > self.due_to:
            raise ValueError("due_from: give a day before due_to")
        return self

    @property
    def filters(self) -> Filters:
        courses, people = self.courses, self.people
        return Filters(
            self.due_from,
            self.due_to,
            self.team,
            None if courses is None else tuple(courses),
            self.status,
            None if people is None else tuple(people),
            self.as_of,
        )

    @property
    def choice(self) -> Choice:
        return Choice(self.whose, self.on_behalf_of, self.direct_only)

"""Schedules as routes take and give them."""

import uuid
from datetime import datetime, time
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.core.i18n import is_time_zone
from api.reports.questions import ReportQuestion
from api.reports.schemas import ID, MOMENT, Ref, example

MOST_RECIPIENTS, MOST_TARGETS = 100, 10
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _known_zone(given: str | None) -> str | None:
    if given is not None and not is_time_zone(given):
        raise ValueError("give an IANA name such as Europe/Berlin")
    return given


def _named(given: str) -> str:
    if not (name := " ".join(given.split())):
        raise ValueError("give it a name")
    return name


Zone = Annotated[str | None, Field(max_length=64), AfterValidator(_known_zone)]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$"), AfterValidator(_named)]
Every = Literal["daily", "weekly", "monthly"]
ASKED: dict[str, Any] = {
    "name": "Overdue each Monday",
    "question": {"report": "compliance", "format": "xlsx", "status": "overdue"},
    "every": "weekly",
    "at": "07:00",
    "weekday": 1,
    "time_zone": "Europe/Berlin",
    "recipients": [ID],
    "targets": [],
}


class ScheduleIn(BaseModel):
    model_config = ConfigDict(extra="forbid", **example(ASKED))

    name: Name
    question: ReportQuestion
    every: Every
    at: str = Field(pattern=CLOCK, description="By the clock of time_zone.")
    weekday: int | None = Field(default=None, ge=1, le=7, description="Of a weekly one; 1 is Monday.")
    day: int | None = Field(
        default=None, ge=1, le=31, description="Of a monthly one; the last day where the month has fewer."
    )
    time_zone: Zone = Field(default=None, description="Without it that of your preferences.")
    recipients: list[uuid.UUID] = Field(
        default=[],
        max_length=MOST_RECIPIENTS,
        description="People whom you may see, or yourself: each gets a mail with what they themselves may see. Without"
        " any, and without targets, yourself.",
    )
    targets: list[str] = Field(
        default=[],
        max_length=MOST_TARGETS,
        description="Names of GET /report-targets; they get what you may see.",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.every == "weekly") != (self.weekday is not None):
            raise ValueError("weekday: give it with every=weekly, and only then")
        if (self.every == "monthly") != (self.day is not None):
            raise ValueError("day: give it with every=monthly, and only then")
        if self.question.snapshot or self.question.as_of:
            raise ValueError("question: leave out snapshot and as_of, a schedule reports of the moment it is due")
        return self

    @property
    def clock(self) -> time:
        return time.fromisoformat(self.at)


class DeliveryOut(BaseModel):
    """One file of the newest due time."""

    to: str = Field(description="A person's name, or of a target.")
    target: str = Field(description="mail, or the name of a target.")
    state: str = Field(
        json_schema_extra={"enum": ["waiting", "sent", "unwanted", "failed"]},
        description="unwanted: they ended such mails; the file is on their page of reports.",
    )
    problem: str | None = Field(description="Of the last attempt, and what to do.")
    attempts: int = Field(description="That failed.")
    next_try_at: datetime | None
    finished_at: datetime | None


class LastOut(BaseModel):
    due_at: datetime
    deliveries: list[DeliveryOut]


OUT = {
    "id": ID,
    **ASKED,
    "day": None,
    "recipients": [{"id": ID, "name": "Ada Lovelace"}],
    "is_paused": False,
    "next_at": MOMENT,
    "problem": None,
    "last": None,
}


class ScheduleOut(BaseModel):
    model_config = example(OUT)

    id: uuid.UUID
    name: str
    question: ReportQuestion
    every: Every
    at: str
    weekday: int | None
    day: int | None
    time_zone: str
    recipients: list[Ref] = Field(description="Those whom you may still see; nobody else gets anything.")
    targets: list[str]
    is_paused: bool
    next_at: datetime | None = Field(description="Null while it is paused.")
    problem: str | None = Field(description="Why Praxis paused it.")
    last: LastOut | None = Field(description="The newest due time, or null before the first.")


class SchedulesOut(BaseModel):
    model_config = example({"items": [OUT]})

    items: list[ScheduleOut]


class PauseIn(BaseModel):
    model_config = ConfigDict(extra="forbid", **example({"is_paused": True}))

    is_paused: bool


class TargetOut(BaseModel):
    name: str
    title: str


class TargetsOut(BaseModel):
    model_config = example({"items": [{"name": "bi-team", "title": "SFTP of the BI team"}]})

    items: list[TargetOut]

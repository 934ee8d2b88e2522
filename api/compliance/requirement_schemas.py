"""Requirements and waivers over the wire."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.compliance.audience import Audience

ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
MOMENT = "2026-11-28T09:00:00Z"
RULE = {"all": [{"countries": ["DE"]}, {"not": {"jobs": ["Trainee"]}}]}
TERMS = {
    "course_id": ID,
    "title": "Fire safety, yearly",
    "audience": RULE,
    "due_from": "hire",
    "due_within_days": 30,
    "every_months": 12,
    "renewal_days": 60,
    "valid_from": "2026-12-01",
}
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$", strip_whitespace=True)]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=500, pattern=r"^[^\x00]*$", strip_whitespace=True)]
DAYS = (date(1990, 1, 1), date(2100, 1, 1))
Day = Annotated[date, Field(ge=DAYS[0], le=DAYS[1])]


def _today() -> date:
    return datetime.now(UTC).date()


def example(value: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value})


class Terms(BaseModel):
    title: Line = Field(default="", description="Empty: the course's title.")
    audience: Audience = Field(default_factory=Audience, description="A rule; {} is everybody.")
    due_from: Literal["hire", "move", "publication", "day"] = Field(
        default="hire",
        description="What the days count from: the first day of the employment, the day on which somebody came into"
        " the audience, or `valid_from`; `day`: due on `due_day`.",
    )
    due_within_days: int = Field(default=30, ge=0, le=3650, description="Whoever comes too late has them from then.")
    due_day: Day | None = None
    every_months: int | None = Field(default=None, ge=1, le=120, description="Null: once.")
    renewal_days: int = Field(default=30, ge=0, le=366, description="So long before it is due it can be renewed.")
    counts_earlier: bool = Field(default=True, description="Counts what was done before it was asked for.")
    counts_rehire: bool = Field(default=True, description="Counts what was done in an earlier employment.")
    valid_from: Day = Field(default_factory=_today)


class RequirementIn(Terms):
    model_config = example(TERMS)

    course_id: uuid.UUID

    @model_validator(mode="after")
    def _day_fits(self) -> "RequirementIn":
        if (self.due_from == "day") != (self.due_day is not None):
            raise ValueError("Give `due_day` with due_from `day`, and only then.")
        return self


class RequirementOut(Terms):
    id: uuid.UUID
    course_id: uuid.UUID
    course_title: str
    valid_to: date | None = Field(description="The first day on which nobody owes it any more.")
    people: int = Field(description="Who owes it today, of the people whom the caller reaches; a minute old at most.")
    compliant: int
    overdue: int
    waived: int


COUNTS = {"people": 120, "compliant": 96, "overdue": 7, "waived": 2}
REQUIREMENT = {**TERMS, **COUNTS, "id": ID, "course_title": "Fire safety", "valid_to": None, "due_day": None}


class RequirementPage(BaseModel):
    model_config = example({"items": [REQUIREMENT], "next": None})

    items: list[RequirementOut]
    next: str | None = None


class MadeOut(BaseModel):
    model_config = example({"id": ID})

    id: uuid.UUID


class PreviewIn(BaseModel):
    model_config = example({"course_id": ID, "audience": RULE})

    course_id: uuid.UUID
    audience: Audience = Field(default_factory=Audience)


class PreviewPerson(BaseModel):
    id: uuid.UUID
    name: str
    org_unit: str
    is_done: bool


class PreviewOut(BaseModel):
    model_config = example(
        {"people": 120, "done": 40, "items": [{"id": ID, "name": "Ada Ito", "org_unit": "Plant", "is_done": False}]}
    )

    people: int = Field(description="Whom it means today, of those whom the caller reaches.")
    done: int = Field(description="Who of them completed the course already, and it still counts.")
    items: list[PreviewPerson] = Field(description="The first 20 by name.")


class EndIn(BaseModel):
    model_config = example({"ends_on": "2026-12-31"})

    ends_on: Day | None = Field(default=None, description="The first day on which nobody owes it; default today (UTC).")


class WaiverIn(BaseModel):
    model_config = example(
        {"person_id": ID, "requirement_id": ID, "reason": "On parental leave", "until": "2027-03-31"}
    )

    person_id: uuid.UUID
    requirement_id: uuid.UUID
    reason: Reason
    until: Day | None = Field(default=None, description="The last day on which it holds; null: for good.")

    @model_validator(mode="after")
    def _lasts(self) -> "WaiverIn":
        if self.until is not None and self.until < _today():
            raise ValueError("A waiver ends today or later.")
        return self


class WaivedPerson(BaseModel):
    id: uuid.UUID
    name: str


class WaiverOut(BaseModel):
    id: uuid.UUID
    person: WaivedPerson
    requirement_id: uuid.UUID
    reason: str
    approved_by: uuid.UUID | None = Field(description="The account of the officer who decided.")
    valid_from: date
    until: date | None
    recorded_at: datetime


class WaiverPage(BaseModel):
    model_config = example(
        {
            "items": [
                {
                    **{"id": ID, "person": {"id": ID, "name": "Ada Ito"}, "requirement_id": ID, "approved_by": ID},
                    **{"reason": "On parental leave", "valid_from": "2026-11-28", "until": "2027-03-31"},
                    "recorded_at": MOMENT,
                }
            ],
            "next": None,
        }
    )

    items: list[WaiverOut]
    next: str | None = None


PERIOD = {
    "requirement_id": ID,
    "requirement": "Fire safety, yearly",
    "course_id": ID,
    "employment_id": ID,
    "period": 1,
    "valid_from": "2026-03-01",
    "valid_to": None,
    "assigned_on": "2026-03-01",
    "due_on": "2026-03-31",
    "completed_at": MOMENT,
    "enrollment_id": ID,
    "recorded_at": MOMENT,
    "superseded_at": None,
}


class EvidenceRow(BaseModel):
    """One period: true from `valid_from` until before `valid_to`, known since `recorded_at`."""

    requirement_id: uuid.UUID
    requirement: str
    course_id: uuid.UUID
    employment_id: uuid.UUID
    period: int
    valid_from: date
    valid_to: date | None
    assigned_on: date
    due_on: date
    completed_at: datetime | None
    enrollment_id: uuid.UUID | None
    recorded_at: datetime
    superseded_at: datetime | None


class EvidencePage(BaseModel):
    model_config = example({"items": [PERIOD], "next": None})

    items: list[EvidenceRow]
    next: str | None = None

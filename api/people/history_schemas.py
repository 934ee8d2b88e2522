"""The history of a person."""

import uuid
from datetime import date, datetime

from pydantic import BaseModel, Field

from api.people.schemas import PERSON, UNIT, Ref, example

VERSION = {
    "valid_from": "2026-03-01",
    "valid_to": None,
    "recorded_at": "2026-02-20T06:00:00Z",
    "superseded_at": None,
    "job_title": "Plant lead",
    "org_unit": UNIT,
    "has_manager": True,
    "manager": PERSON,
    "location": "Hamburg",
    "country": "DE",
    "cost_center": "4100",
}


class VersionOut(BaseModel):
    """A stretch of time in which nothing changed; `valid_to` is the first day on which it was otherwise."""

    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    superseded_at: datetime | None = Field(description="When it was corrected; null is still believed.")
    job_title: str
    org_unit: Ref
    has_manager: bool
    manager: Ref | None = Field(description="Null also for a manager whom the caller may not see.")
    location: str | None
    country: str | None
    cost_center: str | None


class EmploymentOut(BaseModel):
    id: uuid.UUID
    source: str
    employee_number: str
    started_on: date
    ended_on: date | None = Field(description="The last day worked, as known then.")
    versions: list[VersionOut]


class HistoryOut(BaseModel):
    model_config = example(
        {
            "person": PERSON,
            "valid_at": "2026-06-30",
            "known_at": "2026-07-01T00:00:00Z",
            "employments": [
                {
                    "id": "01a20a22-a1b4-734c-96fd-dad3b48bf5f3",
                    "source": "demo",
                    "employee_number": "1042",
                    "started_on": "2026-03-01",
                    "ended_on": None,
                    "versions": [VERSION],
                }
            ],
        }
    )

    person: Ref
    valid_at: date | None
    known_at: datetime | None
    employments: list[EmploymentOut]

"""A learner's home over the wire."""

import uuid
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
MOMENT = "2026-11-23T12:00:00Z"
State = Literal["attempt", "overdue", "due_soon", "open", "retake", "renewal", "waiting", "pending_approval"]


class ToDo(BaseModel):
    course_id: uuid.UUID
    title: str
    due_on: date | None = Field(description="The last day on which it is in time.")
    assigned_on: date | None
    state: State = Field(
        description="attempt: a quiz's clock runs. overdue, due_soon (within 14 days), open: required of me. retake:"
        " the course changed. renewal: my certificate ends. waiting, pending_approval: I asked; nothing is to be done."
    )
    progress_percent: int | None = Field(default=None, description="Null where I am not enrolled.")
    module_id: uuid.UUID | None = Field(default=None, description="The quiz, of an attempt.")
    due_at: datetime | None = Field(default=None, description="When the attempt ends.")
    position: int | None = Field(default=None, description="In the waiting list, from 1.")


class Continued(BaseModel):
    course_id: uuid.UUID
    title: str
    module_id: uuid.UUID
    module_title: str
    module_kind: str
    position_s: float | None = Field(description="Where I stopped in a video.")
    module_percent: int
    progress_percent: int
    left_s: int = Field(description="Of the course, by its modules' durations.")
    last_activity_at: datetime | None = Field(description="Null where I have not begun.")


class Reason(BaseModel):
    kind: Literal["job", "unit", "skill", "popular", "new"]
    skill: str | None = None
    people: int | None = Field(default=None, description="Of the same job or unit; never fewer than three.")


class Recommended(BaseModel):
    course_id: uuid.UUID
    title: str
    summary: str
    category: str
    difficulty: str
    language: str
    duration_min: int
    reason: Reason


class HomeCertificate(BaseModel):
    code: str
    course_id: uuid.UUID | None = Field(description="Null of a learning path's.")
    title: str
    issued_at: datetime
    valid_until: datetime | None


class Hours(BaseModel):
    this_month: float = Field(description="In hours, of the month in my time zone.")
    total: float


class HomeOut(BaseModel):
    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={
            "example": {
                "to_do": [
                    {
                        "course_id": ID,
                        "title": "Fire safety",
                        "due_on": "2026-12-09",
                        "assigned_on": "2026-11-04",
                        "state": "due_soon",
                        "progress_percent": 40,
                    }
                ],
                "continue": [
                    {
                        "course_id": ID,
                        "title": "Fire safety",
                        "module_id": ID,
                        "module_title": "Ways out",
                        "module_kind": "video",
                        "position_s": 61.5,
                        "module_percent": 30,
                        "progress_percent": 40,
                        "left_s": 540,
                        "last_activity_at": MOMENT,
                    }
                ],
                "recommended": [],
                "certificates": [],
                "hours": {"this_month": 1.5, "total": 12.25},
            }
        },
    )

    to_do: list[ToDo]
    continued: list[Continued] = Field(alias="continue", description="The latest first; at most four.")
    recommended: list[Recommended]
    certificates: list[HomeCertificate] = Field(description="The newest three.")
    hours: Hours

"""Requests to learn, and a course's limits, over the wire."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from api.courses.draft_schemas import NO_NUL
from api.learning.schemas import ID, MOMENT, EnrollIn, example
from api.people.schemas import Ref

HELD = {"status": "waiting", "position": 3, "request_id": ID, "course_id": ID, "requested_at": MOMENT}
REQUEST = {
    "id": ID,
    "person": {"id": ID, "name": "Ada Lovelace"},
    "course": {"id": ID, "name": "Working at height"},
    "status": "pending_approval",
    "position": None,
    "requested_at": MOMENT,
    "decided_at": None,
    "reason": "",
    "via": "team",
    "depth": 1,
    "on_behalf_of": None,
}
SETTINGS = {"course_id": ID, "capacity": 12, "needs_approval": True, "certificate_valid_months": 24}
WithdrawIn = EnrollIn


class HeldOut(BaseModel):
    model_config = example(HELD)

    status: Literal["waiting", "pending_approval"]
    position: int | None = Field(description="In the waiting list, from 1; null while the approval is open.")
    request_id: uuid.UUID
    course_id: uuid.UUID
    requested_at: datetime


class WithdrawOut(BaseModel):
    model_config = example({"course_id": ID, "was_enrolled": True})

    course_id: uuid.UUID
    was_enrolled: bool = Field(description="Whether there was an enrollment or a request to take back.")


class RequestOut(BaseModel):
    model_config = example(REQUEST)

    id: uuid.UUID
    person: Ref
    course: Ref
    status: Literal["waiting", "pending_approval", "declined", "withdrawn", "enrolled"]
    position: int | None
    requested_at: datetime
    decided_at: datetime | None
    reason: str = Field(description="Of who decided.")
    via: str | None = Field(description="Why it is the caller's to decide: team, dotted, delegated or role.")
    depth: int | None = Field(description="1: a direct report.")
    on_behalf_of: str | None = Field(description="The manager for whom the caller acts.")


class RequestPage(BaseModel):
    model_config = example({"items": [REQUEST], "next": None})

    items: list[RequestOut]
    next: str | None = None


class DecideIn(BaseModel):
    model_config = example({"request_id": ID, "decision": "approve", "reason": ""})

    request_id: uuid.UUID
    decision: Literal["approve", "decline"]
    reason: Annotated[str, StringConstraints(max_length=1000, pattern=NO_NUL)] = Field(
        default="", description="The learner reads it; declining needs one."
    )


class DecidedOut(BaseModel):
    model_config = example({"request_id": ID, "status": "enrolled", "decided_at": MOMENT})

    request_id: uuid.UUID
    status: Literal["waiting", "declined", "withdrawn", "enrolled"]
    decided_at: datetime


class CourseSettingsIn(BaseModel):
    model_config = example(SETTINGS)

    course_id: uuid.UUID
    capacity: int | None = Field(default=None, ge=1, le=100_000, description="Learners at once; null: no limit.")
    needs_approval: bool = Field(default=False, description="Whether the learner's manager says yes first.")
    certificate_valid_months: int | None = Field(default=None, ge=1, le=600, description="Null: for ever.")


class CourseSettingsOut(CourseSettingsIn):
    model_config = example(SETTINGS | {"seats_taken": 12, "waiting_count": 3, "pending_count": 1})

    seats_taken: int = Field(description="Neither finished nor withdrawn, by people who work here.")
    waiting_count: int
    pending_count: int = Field(description="Those whose manager has not answered.")

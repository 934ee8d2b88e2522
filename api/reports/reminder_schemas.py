"""Reminders as routes take and give them."""

import uuid
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.reports.schemas import ID, example

MOST = 200


class ReminderIn(BaseModel):
    model_config = ConfigDict(extra="forbid", **example({"person_id": ID, "course_id": ID}))

    person_id: uuid.UUID
    course_id: uuid.UUID


class RemindersIn(BaseModel):
    model_config = ConfigDict(extra="forbid", **example({"items": [{"person_id": ID, "course_id": ID}]}))

    items: Annotated[list[ReminderIn], Field(min_length=1, max_length=MOST)]


class RemindersOut(BaseModel):
    model_config = example({"sent": 3, "already_today": 1, "not_due": 0})

    sent: int
    already_today: int = Field(description="Somebody reminded them of it today.")
    not_due: int = Field(description="Done, due later than in 14 days, not required, or of nobody whom you may see.")

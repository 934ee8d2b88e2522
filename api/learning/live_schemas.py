"""Live sessions over the wire."""

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.learning.schemas import ID, MOMENT, LiveOut, example

Status = Literal["present", "absent", "excused"]
PERSON = {"person_id": ID, "name": "Ada Ito", "status": "present", "marked_at": MOMENT, "is_done": True}
SESSION = {
    "starts_at": "2026-11-23T09:00:00+01:00",
    "ends_at": "2026-11-23T12:00:00+01:00",
    "time_zone": "Europe/Berlin",
    "place": "Room 4, Munich",
    "capacity": 12,
}


class MarkIn(BaseModel):
    person_id: uuid.UUID
    status: Status


class AttendanceIn(BaseModel):
    model_config = example({"module_id": ID, "people": [{"person_id": ID, "status": "present"}]})

    module_id: uuid.UUID
    people: list[MarkIn] = Field(min_length=1, max_length=500)


class AttendeeOut(BaseModel):
    person_id: uuid.UUID
    name: str
    status: Status | None = Field(description="Null as long as nobody said.")
    marked_at: datetime | None
    is_done: bool = Field(description="The session counts as done for them, which is not taken back.")


class AttendanceOut(BaseModel):
    model_config = example(
        {"module_id": ID, "course_id": ID, "title": "First aid", "live": SESSION, "enrolled": 1, "people": [PERSON]}
    )

    module_id: uuid.UUID
    course_id: uuid.UUID
    title: str
    live: LiveOut
    enrolled: int = Field(description="All who are to come; `people` are the first thousand by name.")
    people: list[AttendeeOut]

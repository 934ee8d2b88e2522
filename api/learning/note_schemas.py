"""Notes and bookmarks over the wire."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from api.learning.schemas import ID, MOMENT, example

LONGEST = 5000
Seconds = Annotated[float, Field(ge=0, le=360_000, allow_inf_nan=False), AfterValidator(lambda told: round(told, 2))]
AtS = Annotated[Seconds | None, Field(description="Seconds into the video.")]
PLACE = {
    "course_id": ID,
    "course_title": "Working at height",
    "module_id": ID,
    "module_title": "The harness",
    "is_there": True,
}


class NoteChange(BaseModel):
    model_config = example({"text": "Check the hook twice.", "at_s": 123})

    text: str = Field(min_length=1, max_length=LONGEST, description="Plain text; it is shown as it is.")
    at_s: AtS = None


class NoteIn(NoteChange):
    model_config = example({"id": ID, "module_id": ID, "text": "Check the hook twice.", "at_s": 123})

    id: uuid.UUID = Field(description="Chosen by the client: sent again it is the same note.")
    module_id: uuid.UUID


class PlaceOut(BaseModel):
    course_id: uuid.UUID
    course_title: str
    module_id: uuid.UUID | None
    module_title: str | None
    is_there: bool = Field(description="Whether the version that I learn still has this module.")
    at_s: float | None
    created_at: datetime


class NoteOut(PlaceOut):
    model_config = example(
        {**PLACE, "id": ID, "text": "Check the hook.", "at_s": 123, "created_at": MOMENT, "updated_at": MOMENT}
    )

    id: uuid.UUID
    text: str
    updated_at: datetime


class NotePage(BaseModel):
    model_config = example({"items": [], "next": None})

    items: list[NoteOut]
    next: str | None


class BookmarkIn(BaseModel):
    model_config = example({"course_id": ID, "module_id": ID, "at_s": 123})

    course_id: uuid.UUID
    module_id: uuid.UUID | None = None
    at_s: AtS = None


class BookmarkOut(PlaceOut):
    model_config = example({**PLACE, "at_s": 123, "created_at": MOMENT})


class BookmarkList(BaseModel):
    model_config = example({"items": []})

    items: list[BookmarkOut]

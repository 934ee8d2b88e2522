"""Sessions of playing over the wire."""

import uuid

from pydantic import BaseModel, Field

from api.learning.schemas import ID, example


class PlaySessionIn(BaseModel):
    model_config = example({"course_id": ID, "module_id": ID})

    course_id: uuid.UUID
    module_id: uuid.UUID = Field(description="A video or a document.")


class PlaySessionOut(BaseModel):
    model_config = example(
        {"id": ID, "watched": [[0, 61.5]], "position_s": 61.5, "duration_s": 180, "pages": None, "percent": 34}
    )

    id: uuid.UUID = Field(description="For `session_id` of the events that are sent to POST /engagement.")
    watched: list[tuple[float, float]] = Field(
        description="What was credited so far, in seconds; page n of a document is [n - 1, n]."
    )
    position_s: float | None = Field(description="Where to go on, from whatever device.")
    duration_s: float | None
    pages: int | None
    percent: int = Field(description="What that proves; POST /progress makes it count.")

"""Extra time over the wire."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from api.learning.schemas import ID, MOMENT, example

Reason = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$", strip_whitespace=True)]
PERSON = {"id": ID, "name": "Ada Ito", "email": "ada.ito@example.com"}


class ExtraTimeIn(BaseModel):
    model_config = example({"person_id": ID, "percent": 50, "reason": "Certificate seen on 3 November."})

    person_id: uuid.UUID
    percent: int = Field(ge=0, le=300, strict=True, description="Of every quiz's time limit, on top; 0 takes it back.")
    reason: Reason = Field(default="", description="For officers of this person only; in no event, log or report.")


class ExtraTimePerson(BaseModel):
    id: uuid.UUID
    name: str
    email: str | None


class ExtraTimeOut(BaseModel):
    person: ExtraTimePerson
    percent: int
    reason: str
    set_at: datetime


class ExtraTimePage(BaseModel):
    model_config = example(
        {"items": [{"person": PERSON, "percent": 50, "reason": "Certificate seen.", "set_at": MOMENT}], "next": None}
    )

    items: list[ExtraTimeOut]
    next: str | None = None

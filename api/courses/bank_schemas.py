"""Question banks over the wire."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.courses.quiz_schemas import ID, QuestionIn, Tag

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Words = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
MOMENT = "2026-11-23T12:00:00Z"
ITEM: dict[str, Any] = {
    "kind": "numeric",
    "prompt": "How many metres of a ladder must stand above the edge?",
    "points": 1,
    "feedback": "One metre, to hold on to.",
    "image": None,
    "choices": [],
    "spec": {"value": 1, "tolerance": 0},
}
BANK = {
    "id": ID,
    "title": "Ladders",
    "description": "",
    "owner_name": "Ada Ito",
    "is_mine": True,
    "item_count": 12,
    "tags": [{"tag": "height", "item_count": 7}],
    "updated_at": MOMENT,
}
ITEM_OUT = {
    **ITEM,
    "item_id": ID,
    "item_version": 2,
    "bank_id": ID,
    "tags": ["height"],
    "revision": 3,
    "updated_at": MOMENT,
}


def example(value: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value})


class BankPatch(BaseModel):
    model_config = example({"title": "Ladders", "description": "For everybody who climbs."})

    title: Title
    description: Words = ""


class BankIn(BankPatch):
    model_config = example({"id": ID, "title": "Ladders", "description": "For everybody who climbs."})

    id: uuid.UUID | None = Field(default=None, description="Chosen by the caller, so that a retry is harmless.")


class TagOut(BaseModel):
    tag: str
    item_count: int


class BankOut(BaseModel):
    model_config = example(BANK)

    id: uuid.UUID
    title: str
    description: str
    owner_name: str
    is_mine: bool = Field(description="Whether I may change it; else I may draw from it, as a co-author of a course.")
    item_count: int
    tags: list[TagOut]
    updated_at: datetime


class BankPage(BaseModel):
    model_config = example({"items": [BANK], "next": None})

    items: list[BankOut]
    next: str | None = None


class BankItemPatch(QuestionIn):
    """The whole item; its number is the address's."""

    model_config = example({**ITEM, "tags": ["height"]})

    tags: list[Tag] = Field(default_factory=list, max_length=20)


class BankItemIn(BankItemPatch):
    """`item_id` chosen by the caller makes a retry harmless."""

    model_config = example({**ITEM, "item_id": ID, "bank_id": ID, "tags": ["height"]})

    bank_id: uuid.UUID


class BankItemOut(QuestionIn):
    model_config = example(ITEM_OUT)

    item_version: int = Field(description="Grows when a learner would see or be scored by something else.")
    bank_id: uuid.UUID
    tags: list[str]
    revision: int = Field(description="Grows with each change, of tags and feedback too; it is the ETag.")
    updated_at: datetime


class BankItemPage(BaseModel):
    model_config = example({"items": [ITEM_OUT], "next": None})

    items: list[BankItemOut]
    next: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")

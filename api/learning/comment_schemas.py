"""Comments over the wire."""

import uuid
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field, model_validator

from api.learning.note_schemas import AtS
from api.learning.schemas import ID, MOMENT, example

LONGEST = 2000


class CommentChange(BaseModel):
    model_config = example({"text": "Which harness is this?"})

    text: str = Field(min_length=1, max_length=LONGEST, description="Plain text; it is shown as it is.")


class CommentIn(CommentChange):
    model_config = example({"id": ID, "module_id": ID, "text": "Which harness is this?", "at_s": 123})

    id: uuid.UUID = Field(description="Chosen by the client: sent again it is the same comment.")
    module_id: uuid.UUID
    parent_id: uuid.UUID | None = Field(default=None, description="The comment that this answers.")
    at_s: AtS = None


class VisibilityIn(BaseModel):
    model_config = example({"comment_id": ID, "is_hidden": True, "reason": "It names a customer."})

    comment_id: uuid.UUID
    is_hidden: bool
    reason: str = Field(default="", max_length=500, description="For the audit log; needed to hide.")

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.is_hidden and not self.reason.strip():
            raise ValueError("say in `reason` why it is hidden")
        return self


class ReportIn(BaseModel):
    model_config = example({"comment_id": ID})

    comment_id: uuid.UUID


class SaidOut(BaseModel):
    model_config = example(
        {
            **{"id": ID, "module_id": ID, "at_s": 123, "name": "Ada Ito", "text": "Which harness?", "is_mine": True},
            **{"is_author": False, "may_edit": True, "is_deleted": False, "is_hidden": False, "reports": 0},
            **{"created_at": MOMENT, "edited_at": None},
        }
    )

    id: uuid.UUID
    module_id: uuid.UUID
    at_s: float | None
    name: str = Field(description="Of who wrote it; empty where it is deleted or hidden from me.")
    text: str
    is_mine: bool
    is_author: bool = Field(description="Written by an author of the course.")
    may_edit: bool = Field(description="Mine, and younger than 15 minutes.")
    is_deleted: bool
    is_hidden: bool = Field(description="By an author of the course; they and who wrote it still read it.")
    reports: int = Field(description="How many asked the authors to look at it; for authors, else 0.")
    created_at: datetime
    edited_at: datetime | None


class ThreadOut(SaidOut):
    model_config = example({})

    replies: list[SaidOut] = Field(description="The oldest first.")


class ThreadPage(BaseModel):
    model_config = example({"items": [], "next": None, "may_hide": False})

    items: list[ThreadOut]
    next: str | None
    may_hide: bool = Field(description="I am an author of the course.")

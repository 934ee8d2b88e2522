"""Learning paths over the wire."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from api.courses.draft_schemas import NO_NUL, Line
from api.learning.schemas import ID, MOMENT, example
from api.paths.rules import State

ITEM = {"course_id": ID, "is_required": True}
PATH = {"title": "First weeks", "summary": "What everybody needs.", "description": "", "language": "en"}
STEP = {**ITEM, "title": "Working at height", "summary": "", "duration_min": 20, "state": "going", "percent": 40}
SHOWN = {
    "id": ID,
    **PATH,
    "is_ordered": True,
    "state": "going",
    "percent": 40,
    "done_count": 0,
    "course_count": 1,
    "duration_min": 20,
    "enrolled_at": MOMENT,
    "completed_at": None,
    "certificate_code": None,
}
AUTHORED = {**PATH, "id": ID, "is_ordered": True, "state": "draft", "updated_at": MOMENT}
COUNTS = {"course_count": 1, "learner_count": 0, "completed_count": 0}


class ItemIn(BaseModel):
    course_id: uuid.UUID
    is_required: bool = Field(default=True, description="Whether the path's end needs it.")


class PathFields(BaseModel):
    title: Line
    summary: Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)] = ""
    description: Annotated[str, StringConstraints(max_length=5000, pattern=NO_NUL)] = ""
    language: str = Field(default="en", pattern="^[a-z]{2,3}(-[A-Za-z]{2,4})?$")
    is_ordered: bool = Field(default=True, description="A course opens when those before it are finished.")
    items: list[ItemIn] = Field(default_factory=list, max_length=50, description="Published courses, in order.")


class PathIn(PathFields):
    model_config = example({"id": ID, **PATH, "is_ordered": True, "items": [ITEM]})

    id: uuid.UUID | None = Field(default=None, description="Chosen by the client, so that a retry is harmless.")


class PathUpdate(PathFields):
    model_config = example({"path_id": ID, **PATH, "is_ordered": True, "items": [ITEM]})

    path_id: uuid.UUID


class PathRef(BaseModel):
    model_config = example({"path_id": ID})

    path_id: uuid.UUID


class AuthoredPath(BaseModel):
    model_config = example(AUTHORED | COUNTS)

    id: uuid.UUID
    title: str
    summary: str
    language: str
    is_ordered: bool
    state: Literal["draft", "published", "archived"]
    updated_at: datetime
    course_count: int
    learner_count: int
    completed_count: int


class AuthoredPaths(BaseModel):
    model_config = example({"items": [AUTHORED | COUNTS], "next": None})

    items: list[AuthoredPath]
    next: str | None = None


class ItemOut(ItemIn):
    title: str
    is_offered: bool


class PathOut(BaseModel):
    model_config = example({**AUTHORED, "items": [{**ITEM, "title": "Working at height", "is_offered": True}]})

    id: uuid.UUID
    title: str
    summary: str
    description: str
    language: str
    is_ordered: bool
    state: Literal["draft", "published", "archived"]
    updated_at: datetime
    items: list[ItemOut]


class StepOut(ItemIn):
    title: str
    summary: str
    duration_min: int
    state: State
    percent: int


class PathShown(BaseModel):
    model_config = example(SHOWN)

    id: uuid.UUID
    title: str
    summary: str
    language: str
    is_ordered: bool
    state: Literal["new", "going", "completed"]
    percent: int
    done_count: int
    course_count: int
    duration_min: int
    enrolled_at: datetime | None
    completed_at: datetime | None
    certificate_code: str | None


class PathsShown(BaseModel):
    model_config = example({"items": [SHOWN], "next": None})

    items: list[PathShown]
    next: str | None = None


class PathDetail(PathShown):
    model_config = example({**SHOWN, "steps": [STEP]})

    description: str
    steps: list[StepOut]


class PathEnrollmentOut(BaseModel):
    model_config = example({"id": ID, "path_id": ID, "enrolled_at": MOMENT, "completed_at": None})

    id: uuid.UUID
    path_id: uuid.UUID
    enrolled_at: datetime
    completed_at: datetime | None


class PathWithdrawn(BaseModel):
    model_config = example({"path_id": ID, "was_enrolled": True})

    path_id: uuid.UUID
    was_enrolled: bool

"""Learning over the wire."""

import uuid
from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.learning.quiz_schemas import AttemptIn, AttemptOut, QuestionOut, QuizOut

ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
MOMENT = "2026-11-23T12:00:00Z"


def example(value: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value})


class EnrollIn(BaseModel):
    model_config = example({"course_id": ID})

    course_id: uuid.UUID


class EnrollmentOut(BaseModel):
    model_config = example(
        {
            "id": ID,
            "course_id": ID,
            "version_id": ID,
            "enrolled_at": MOMENT,
            "progress_percent": 0,
            "score_percent": None,
            "completed_at": None,
        }
    )

    id: uuid.UUID
    course_id: uuid.UUID
    version_id: uuid.UUID
    enrolled_at: datetime
    progress_percent: int
    score_percent: int | None
    completed_at: datetime | None


class ModuleProgressOut(BaseModel):
    module_id: uuid.UUID
    percent: int
    position_s: float | None
    completed_at: datetime | None


class ProgressItem(EnrollmentOut):
    model_config = example({})

    title: str
    must_retake: bool = Field(description="Finished, but the course changed since: POST /enroll begins it again.")
    modules: list[ModuleProgressOut]


class ProgressPage(BaseModel):
    model_config = example(
        {
            "items": [
                {
                    "id": ID,
                    "course_id": ID,
                    "version_id": ID,
                    "title": "Working at height",
                    "enrolled_at": MOMENT,
                    "progress_percent": 50,
                    "score_percent": None,
                    "completed_at": None,
                    "must_retake": False,
                    "modules": [{"module_id": ID, "percent": 100, "position_s": 61.5, "completed_at": MOMENT}],
                }
            ],
            "next": None,
        }
    )

    items: list[ProgressItem]
    next: str | None = None


class ProgressIn(BaseModel):
    model_config = example({"course_id": ID, "module_id": ID, "percent": 40, "position_s": 61.5, "occurred_at": MOMENT})

    course_id: uuid.UUID
    module_id: uuid.UUID
    percent: int = Field(
        default=0,
        ge=0,
        le=100,
        description="Never goes back; ignored for video, quiz, package and live; of a document only 100 counts.",
    )
    position_s: float | None = Field(default=None, ge=0, le=1_000_000, allow_inf_nan=False)
    occurred_at: AwareDatetime | None = Field(default=None, description="When it was so; default now.")
    attempt: AttemptIn | None = Field(default=None, description="The answers to a quiz.")


class ProgressOut(BaseModel):
    model_config = example(
        {
            "enrollment_id": ID,
            "module": {"module_id": ID, "percent": 40, "position_s": 61.5, "completed_at": None},
            "progress_percent": 20,
            "score_percent": None,
            "completed_at": None,
            "attempt": None,
            "certificate_code": None,
        }
    )

    enrollment_id: uuid.UUID
    module: ModuleProgressOut
    progress_percent: int
    score_percent: int | None
    completed_at: datetime | None
    attempt: AttemptOut | None
    certificate_code: str | None


class CaptionOut(BaseModel):
    language: str
    label: str
    url: str | None


class MediaOut(BaseModel):
    url: str | None = Field(description="Signed and expiring; takes Range requests.")
    content_type: str
    size_bytes: int
    poster: str | None
    sprites: str | None = Field(description="WebVTT that names a picture of each moment.")
    captions: list[CaptionOut]
    hls: str | None = Field(description="The master playlist; names in it are relative and need no further signature.")
    file_name: str = ""
    pages: int | None = Field(default=None, description="Of a document, where that is known.")


class LiveOut(BaseModel):
    """When and where; moments carry their offset, so that each reader's clock can show its own time."""

    starts_at: datetime | None
    ends_at: datetime | None
    time_zone: str
    place: str
    capacity: int | None


def live_of(settings: dict[str, Any]) -> LiveOut:
    """From the settings of a live module."""
    told = {"time_zone": "UTC", "place": "", **settings}
    return LiveOut.model_validate({name: told.get(name) for name in LiveOut.model_fields})


class ModuleOut(BaseModel):
    id: uuid.UUID
    position: int
    kind: str
    title: str
    duration_s: int
    section_id: uuid.UUID | None = None
    body: str = Field(description="Markdown, as its author wrote it.")
    body_html: str = Field(default="", description="The same as HTML that any page may show.")
    url: str = Field(default="", description="Of a link.")
    media: MediaOut | None
    questions: list[QuestionOut]
    quiz: QuizOut | None = None
    live: LiveOut | None = None
    attendance: str | None = Field(default=None, description="Of a live session: present, absent or excused.")
    progress: ModuleProgressOut | None


class SectionOut(BaseModel):
    id: uuid.UUID
    title: str


class ContentOut(BaseModel):
    model_config = example(
        {
            "course_id": ID,
            "version_id": ID,
            "number": 1,
            "title": "Working at height",
            "summary": "Ladders, harnesses and when to say no.",
            "description": "",
            "language": "en",
            "pass_percent": 80,
            "enrollment": None,
            "modules": [
                {
                    "id": ID,
                    "position": 1,
                    "kind": "text",
                    "title": "Before you climb",
                    "duration_s": 120,
                    "section_id": None,
                    "body": "Check the ladder.",
                    "body_html": "<p>Check the ladder.</p>",
                    "url": "",
                    "media": None,
                    "questions": [],
                    "quiz": None,
                    "progress": None,
                }
            ],
        }
    )

    course_id: uuid.UUID
    version_id: uuid.UUID
    number: int
    title: str
    summary: str
    description: str
    language: str
    pass_percent: int
    enrollment: EnrollmentOut | None
    sections: list[SectionOut] = []
    modules: list[ModuleOut]


class StoredOut(BaseModel):
    model_config = example({"stored": 2})

    stored: int = Field(description="Events of this request that are kept now, those sent before included.")


class RatingIn(BaseModel):
    model_config = example({"course_id": ID, "stars": 4, "comment": "Short and clear; the second film is too fast."})

    course_id: uuid.UUID
    stars: int = Field(ge=1, le=5, strict=True)
    comment: str = Field(default="", max_length=2000, description="Plain text; nobody who reads it sees a name.")


class RatingOut(BaseModel):
    model_config = example(
        {"course_id": ID, "stars": 4, "comment": "Short and clear.", "created_at": MOMENT, "updated_at": MOMENT}
    )

    course_id: uuid.UUID
    stars: int
    comment: str
    created_at: datetime
    updated_at: datetime


class OwnRating(BaseModel):
    stars: int
    comment: str


class CommentOut(BaseModel):
    stars: int
    comment: str
    version: int = Field(description="Number of the version that they learned with.")
    written_on: date = Field(description="Day in UTC; no hour, because with it one could tell who wrote.")


class RatingsOut(BaseModel):
    model_config = example(
        {
            "course_id": ID,
            "average": 4.25,
            "count": 12,
            "by_stars": [0, 1, 2, 2, 7],
            "mine": {"stars": 4, "comment": ""},
            "comments": [{"stars": 5, "comment": "Clear.", "version": 2, "written_on": "2026-11-23"}],
        }
    )

    course_id: uuid.UUID
    average: float | None
    count: int
    by_stars: list[int] = Field(description="How many gave 1, 2, 3, 4 and 5 stars.")
    mine: OwnRating | None
    comments: list[CommentOut] = Field(description="The newest 20, for the course's authors 200; without names.")

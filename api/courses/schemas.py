"""Courses over the wire."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from api.courses.quiz_schemas import QuestionIn

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Prose = Annotated[str, StringConstraints(max_length=50_000, pattern=r"^[^\x00]*$")]
Difficulty = Literal["beginner", "intermediate", "advanced"]
ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"


class ModuleIn(BaseModel):
    kind: Literal["video", "document", "text", "quiz"]
    title: Line
    duration_s: int = Field(default=60, ge=0, le=86_400, description="Seconds that a learner needs.")
    body: Prose = Field(default="", description="Markdown, for text modules.")
    media_id: uuid.UUID | None = Field(default=None, description="For videos and documents.")
    questions: list[QuestionIn] = Field(default_factory=list, max_length=100)


class CourseDraft(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": ID,
                "title": "Working at height",
                "summary": "Ladders, harnesses and when to say no.",
                "category": "Safety",
                "difficulty": "beginner",
                "modules": [
                    {"kind": "text", "title": "Before you climb", "duration_s": 120, "body": "Check the ladder."},
                    {
                        "kind": "quiz",
                        "title": "Are you ready?",
                        "questions": [
                            {
                                "prompt": "The ladder wobbles. What now?",
                                "choices": [{"label": "Climb fast"}, {"label": "Do not climb", "is_correct": True}],
                            }
                        ],
                    },
                ],
            }
        }
    )

    id: uuid.UUID | None = Field(default=None, description="Chosen by the caller, so that a retry is harmless.")
    title: Line
    summary: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
    description: Prose = ""
    category: Line
    difficulty: Difficulty
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] = "en"
    pass_percent: int = Field(default=80, ge=1, le=100)
    modules: list[ModuleIn] = Field(default_factory=list, max_length=200)


class PublishIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"course_id": ID}})

    course_id: uuid.UUID


class AuthorsIn(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"course_id": ID, "emails": ["grace@example.com"]}}, extra="forbid"
    )

    course_id: uuid.UUID
    emails: list[EmailStr] = Field(max_length=100, description="All of them: who is not named is none from now on.")


class AuthorOut(BaseModel):
    id: uuid.UUID
    name: str
    email: str | None


class AuthorPage(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [{"id": ID, "name": "Grace Ito", "email": "grace@example.com"}]}}
    )

    items: list[AuthorOut]


class VersionOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "course_id": ID,
                "version_id": ID,
                "slug": "working-at-height",
                "number": 1,
                "published_at": "2026-11-23T12:00:00Z",
            }
        }
    )

    course_id: uuid.UUID
    version_id: uuid.UUID
    slug: str
    number: int
    published_at: datetime | None


class CourseOut(BaseModel):
    id: uuid.UUID
    slug: str
    title: str
    summary: str
    category: str
    difficulty: Difficulty
    language: str
    duration_min: int
    version_id: uuid.UUID
    version_number: int


class CoursePage(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "id": ID,
                        "slug": "working-at-height",
                        "title": "Working at height",
                        "summary": "Ladders, harnesses and when to say no.",
                        "category": "Safety",
                        "difficulty": "beginner",
                        "language": "en",
                        "duration_min": 15,
                        "version_id": ID,
                        "version_number": 1,
                    }
                ],
                "next": None,
            }
        }
    )

    items: list[CourseOut]
    next: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")

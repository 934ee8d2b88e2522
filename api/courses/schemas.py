"""Courses over the wire."""

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, EmailStr, Field

from api.courses.draft_schemas import ID, Difficulty
from api.courses.models import CourseVersion


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


def version_out(version: CourseVersion) -> VersionOut:
    return VersionOut(
        course_id=version.course_id,
        version_id=version.id,
        slug=version.course.slug,
        number=version.number,
        published_at=version.published_at,
    )


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

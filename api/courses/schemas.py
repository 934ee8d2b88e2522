"""Courses over the wire."""

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, EmailStr, Field

from api.courses.draft_schemas import ID
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

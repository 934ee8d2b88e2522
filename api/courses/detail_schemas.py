"""What anybody may know of a published course, over the wire."""

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from api.courses.draft_schemas import HEADLINE, ID, CompletionIn


class CoverOut(BaseModel):
    url: str | None
    alt: str


class NeededOut(BaseModel):
    course_id: uuid.UUID
    slug: str
    title: str


class SectionOut(BaseModel):
    id: uuid.UUID
    title: str


class ModuleOutlineOut(BaseModel):
    id: uuid.UUID
    section_id: uuid.UUID | None
    kind: str
    title: str
    duration_s: int


class CourseDetailOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": ID,
                "slug": "working-at-height",
                "version_id": ID,
                "version_number": 2,
                "published_at": "2026-11-23T12:00:00Z",
                **HEADLINE,
                "description": "Check the **ladder**.",
                "description_html": "<p>Check the <strong>ladder</strong>.</p>",
                "language": "en",
                "skills": ["Ladders"],
                "duration_min": 15,
                "pass_percent": 80,
                "notes": "",
                "cover": None,
                "completion": {"rule": "all", "minimum_percent": None, "minimum_watch_percent": None},
                "prerequisites": [],
                "sections": [],
                "modules": [{"id": ID, "section_id": None, "kind": "text", "title": "Before", "duration_s": 120}],
            }
        }
    )

    id: uuid.UUID
    slug: str
    version_id: uuid.UUID
    version_number: int
    published_at: datetime
    title: str
    summary: str
    description: str
    description_html: str
    category: str
    difficulty: str
    language: str
    skills: list[str]
    duration_min: int
    pass_percent: int
    notes: str
    cover: CoverOut | None
    completion: CompletionIn
    prerequisites: list[NeededOut]
    sections: list[SectionOut]
    modules: list[ModuleOutlineOut]

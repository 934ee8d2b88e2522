"""The catalogue over the wire."""

import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.courses.detail_schemas import CoverOut
from api.courses.draft_schemas import ID, Difficulty


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
    skills: list[str]
    published_at: datetime | None
    learners: int = Field(description="Enrolled now or before, counted every ten minutes.")
    rating: float | None = Field(description="Mean of the stars; null where nobody rated it.")
    rating_count: int
    cover: CoverOut | None


class FacetOut(BaseModel):
    value: str
    count: int


class MinutesOut(BaseModel):
    value: int = Field(description="Minutes, as `max_minutes`.")
    count: int


class FacetsOut(BaseModel):
    """Each counted with the other filters, but not with its own; `skill` has the twenty most common."""

    category: list[FacetOut]
    difficulty: list[FacetOut]
    language: list[FacetOut]
    skill: list[FacetOut]
    max_minutes: list[MinutesOut]


COURSE: dict[str, Any] = {
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
    "skills": ["Ladders"],
    "published_at": "2026-11-23T12:00:00Z",
    "learners": 240,
    "rating": 4.5,
    "rating_count": 40,
    "cover": None,
}


class CoursePage(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [COURSE],
                "next": None,
                "meant": None,
                "alike": False,
                "total": 1,
                "facets": {
                    "category": [{"value": "Safety", "count": 1}],
                    "difficulty": [{"value": "beginner", "count": 1}],
                    "language": [{"value": "en", "count": 1}],
                    "skill": [{"value": "Ladders", "count": 1}],
                    "max_minutes": [{"value": 15, "count": 1}],
                },
            }
        }
    )

    items: list[CourseOut]
    next: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")
    meant: str | None = Field(description="Searched for instead, where no course has the words: 'phishing'.")
    alike: bool = Field(description="No course has the words: these look alike, or have what was `meant`.")
    total: int | None = Field(description="How many there are; with `facets=true` only.")
    facets: FacetsOut | None

"""Publishing over the wire: what is missing, whom it touches, and what differs."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.courses.draft_schemas import ID, NO_NUL

MOMENT = "2026-11-23T12:00:00Z"
CHANGE = {"kind": "changed", "what": "questions", "title": "Are you ready?", "is_material": True}


def example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value})


class PublishIn(BaseModel):
    model_config = example({"course_id": ID, "learners": "stay", "notes": "The new ladder standard."})

    course_id: uuid.UUID
    learners: Literal["stay", "move"] = Field(
        default="stay", description="Whether those in the middle of the course stay on their version or move to this."
    )
    is_material: bool | None = Field(default=None, description="Overrules what the changes suggest.")
    notes: Annotated[str, StringConstraints(max_length=5000, pattern=NO_NUL)] | None = Field(
        default=None, description="What is new; null: as in the draft."
    )
    publish_at: AwareDatetime | None = Field(default=None, description="In the future; null: now.")


class UnpublishIn(BaseModel):
    model_config = example({"course_id": ID})

    course_id: uuid.UUID
    is_schedule_only: bool = Field(default=False, description="Only call a scheduled publishing off.")


class RestoreIn(BaseModel):
    model_config = example({"course_id": ID})

    course_id: uuid.UUID
    version_id: uuid.UUID | None = Field(
        default=None, description="Put the content of this version back as the draft; null: bring the course back."
    )


class ProblemOut(BaseModel):
    pointer: str = Field(description="Its place in the draft document, as a JSON pointer.")
    text: str


class ChangeOut(BaseModel):
    kind: Literal["added", "removed", "changed", "moved"]
    what: str
    title: str
    is_material: bool


class ImpactOut(BaseModel):
    is_first: bool = Field(description="Nobody has learned from an earlier version.")
    in_flight: int = Field(description="Learners in the middle of the course.")
    completed: int
    must_retake: int = Field(description="Of both, who must do something again that they have done, if they move.")
    changes: list[ChangeOut] = Field(description="Since the version that is published.")
    is_material: bool = Field(description="What the changes suggest; POST /publish-course may overrule it.")


class PreviewOut(BaseModel):
    model_config = example(
        {
            "problems": [{"pointer": "/modules/0/media_id", "text": "Module 1 (Film) has no file: upload one."}],
            "warnings": [],
            "impact": {
                "is_first": False,
                "in_flight": 12,
                "completed": 40,
                "must_retake": 44,
                "changes": [CHANGE],
                "is_material": True,
            },
        }
    )

    problems: list[ProblemOut] = Field(description="To put right first.")
    warnings: list[ProblemOut] = Field(description="Worth a look.")
    impact: ImpactOut


class ReleaseOut(BaseModel):
    """A version, as the list of versions and publishing tell it."""

    model_config = example(
        {
            "course_id": ID,
            "version_id": ID,
            "slug": "working-at-height",
            "number": 2,
            "title": "Working at height",
            "state": "published",
            "published_at": MOMENT,
            "publish_at": None,
            "notes": "The new ladder standard.",
            "is_material": True,
            "is_current": True,
            "moved": 12,
            "must_retake": 44,
            "changes": [CHANGE],
            "published_by": "Ada Ito",
            "learner_count": 12,
        }
    )

    course_id: uuid.UUID
    version_id: uuid.UUID
    slug: str
    number: int
    title: str
    state: Literal["draft", "scheduled", "published", "superseded", "unpublished", "archived"]
    published_at: datetime | None
    publish_at: datetime | None
    notes: str
    is_material: bool
    is_current: bool = Field(description="What a new learner gets.")
    moved: int | None = Field(description="Learners in the middle of the course who were moved to this version.")
    must_retake: int | None = Field(description="Of those who had finished, how many have to take it again.")
    changes: list[ChangeOut] = Field(description="Since the version before.")
    published_by: str | None = Field(default=None, description="Whose wish it was; in the list of versions.")
    learner_count: int | None = Field(default=None, description="Who is on it now; in the list of versions.")


class ReleasePage(BaseModel):
    model_config = example({"items": [ReleaseOut.model_config["json_schema_extra"]["example"]], "next": None})  # type: ignore[index]

    items: list[ReleaseOut]
    next: str | None = None


class LineOut(BaseModel):
    op: Literal[" ", "-", "+"]
    text: str


class FieldDiff(BaseModel):
    name: str
    before: Any
    after: Any
    lines: list[LineOut] = Field(description="Of longer texts.")


class QuestionDiff(BaseModel):
    item_id: uuid.UUID
    prompt: str
    change: Literal["added", "removed", "changed", "moved"]
    fields: list[FieldDiff]


class ModuleDiff(BaseModel):
    stem_id: uuid.UUID
    title: str
    kind: str
    change: Literal["added", "removed", "changed", "moved"]
    is_moved: bool
    is_material: bool
    fields: list[FieldDiff]
    questions: list[QuestionDiff]


class DiffOut(BaseModel):
    model_config = example(
        {
            "course_id": ID,
            "from_version_id": ID,
            "from_number": 1,
            "to_version_id": ID,
            "to_number": 2,
            "fields": [{"name": "title", "before": "Height", "after": "Working at height", "lines": []}],
            "sections": [],
            "modules": [],
            "changes": [CHANGE],
            "is_material": True,
        }
    )

    course_id: uuid.UUID
    from_version_id: uuid.UUID
    from_number: int
    to_version_id: uuid.UUID
    to_number: int
    fields: list[FieldDiff]
    sections: list[ChangeOut]
    modules: list[ModuleDiff]
    changes: list[ChangeOut]
    is_material: bool


class AuthoredOut(BaseModel):
    id: uuid.UUID
    title: str
    category: str
    state: Literal["draft", "scheduled", "published", "unpublished", "archived"]
    has_draft: bool = Field(description="A newer version than the published one is being written.")
    is_owner: bool
    cover: dict[str, Any] | None = Field(description="`url` and `alt`.")
    learner_count: int
    updated_at: datetime


class AuthoredPage(BaseModel):
    model_config = example(
        {
            "items": [
                {
                    "id": ID,
                    "title": "Working at height",
                    "category": "Safety",
                    "state": "published",
                    "has_draft": True,
                    "is_owner": True,
                    "cover": None,
                    "learner_count": 52,
                    "updated_at": MOMENT,
                }
            ],
            "next": None,
        }
    )

    items: list[AuthoredOut]
    next: str | None = None

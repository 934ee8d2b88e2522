"""A course's draft over the wire: the whole document, as authors read and write it."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from api.courses.module_settings import settings_of
from api.courses.quiz_schemas import ImageIn, QuestionIn

NO_NUL = r"^[^\x00]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_NUL)]
LineOrNone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_NUL)]
Skill = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=NO_NUL)]
Prose = Annotated[str, StringConstraints(max_length=50_000, pattern=NO_NUL)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
Difficulty = Literal["beginner", "intermediate", "advanced"]
ModuleKind = Literal["video", "document", "text", "quiz", "link", "package", "live"]
State = Literal["draft", "scheduled", "published", "unpublished", "archived"]
ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"


class SectionIn(BaseModel):
    id: uuid.UUID | None = Field(default=None, description="Chosen by the caller, so that saving again keeps it.")
    title: Line


class CompletionIn(BaseModel):
    """What finishes the course. Publishing asks for `minimum_percent` where the rule needs it."""

    rule: Literal["all", "weighted", "minimum_score"] = "all"
    minimum_percent: int | None = Field(
        default=None, ge=1, le=100, description="weighted: of the modules' weights; minimum_score: of the score."
    )
    minimum_watch_percent: int | None = Field(
        default=None, ge=1, le=100, description="Of each video, really played; null: the player's word is enough."
    )


class ModuleIn(BaseModel):
    id: uuid.UUID | None = Field(default=None, description="Chosen by the caller, so that saving again keeps it.")
    section_id: uuid.UUID | None = Field(default=None, description="One of `sections`.")
    kind: ModuleKind
    title: Line
    duration_s: int = Field(default=60, ge=0, le=86_400, description="Seconds that a learner needs.")
    body: Prose = Field(default="", description="Markdown: a text module's text, elsewhere an introduction.")
    media_id: uuid.UUID | None = Field(default=None, description="For videos, documents and packages.")
    url: str = Field(default="", max_length=2000, description="For links: http or https.")
    weight: int = Field(default=1, ge=0, le=100, description="For the completion rule `weighted`.")
    settings: dict[str, Any] = Field(
        default_factory=dict, description="Of a quiz QuizSettings, of a live session LiveSettings, else empty."
    )
    questions: list[QuestionIn] = Field(default_factory=list, max_length=100)

    @field_validator("url")
    @classmethod
    def _leads_to_the_web(cls, url: str) -> str:
        url = url.strip()
        if not url:
            return ""
        if not url.isprintable() or " " in url:
            raise ValueError("an address has no spaces: write them as %20")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError("give an address that begins with https:// or http://")
        return url

    @model_validator(mode="after")
    def _has_what_its_kind_has(self) -> Self:
        self.settings = settings_of(self.kind, self.settings)
        if self.questions and self.kind != "quiz":
            raise ValueError("only a quiz has questions")
        return self


class CourseFields(BaseModel):
    """What authors write. A draft may be unfinished: what is missing is said by GET /publish-preview."""

    title: Line
    summary: Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)] = ""
    description: Prose = Field(default="", description="Markdown.")
    category: LineOrNone = ""
    difficulty: Difficulty = "beginner"
    language: Language = Field(default="en", description="BCP 47: en, de-AT, zh-Hant.")
    skills: list[Skill] = Field(default_factory=list, max_length=30, description="Kept once each, whatever the case.")
    cover: ImageIn | None = None
    pass_percent: int = Field(default=80, ge=1, le=100)
    prerequisites: list[uuid.UUID] = Field(
        default_factory=list, max_length=20, description="Courses that must be finished before enrolling."
    )
    completion: CompletionIn = Field(default_factory=CompletionIn)
    notes: Annotated[str, StringConstraints(max_length=5000, pattern=NO_NUL)] = Field(
        default="", description="What is new, for learners who know the version before."
    )
    sections: list[SectionIn] = Field(default_factory=list, max_length=100)
    modules: list[ModuleIn] = Field(default_factory=list, max_length=200)

    @field_validator("skills")
    @classmethod
    def _once_each(cls, skills: list[str]) -> list[str]:
        known: dict[str, str] = {}
        for skill in skills:
            plain = " ".join(skill.split())
            known.setdefault(plain.casefold(), plain)
        return [skill for skill in known.values() if skill]

    @field_validator("prerequisites")
    @classmethod
    def _each_once(cls, courses: list[uuid.UUID]) -> list[uuid.UUID]:
        return list(dict.fromkeys(courses))

    @model_validator(mode="after")
    def _refers_to_itself(self) -> Self:
        sections = [section.id for section in self.sections if section.id]
        modules = [module.id for module in self.modules if module.id]
        questions = [question.id for module in self.modules for question in module.questions if question.id]
        for name, ids in (("sections", sections), ("modules", modules), ("questions", questions)):
            if len(ids) != len(set(ids)):
                raise ValueError(f"two {name} have the same id: give each its own")
        for number, module in enumerate(self.modules, 1):
            if module.section_id and module.section_id not in sections:
                raise ValueError(f"module {number} stands below a section that is not in `sections`")
        return self


TEXT: dict[str, Any] = {"kind": "text", "title": "Before you climb", "duration_s": 120, "body": "Check the ladder."}
QUIZ: dict[str, Any] = {
    "kind": "quiz",
    "title": "Are you ready?",
    "questions": [
        {
            "prompt": "The ladder wobbles. What now?",
            "choices": [{"label": "Climb fast"}, {"label": "Do not climb", "is_correct": True}],
        }
    ],
}
HEADLINE: dict[str, Any] = {
    "title": "Working at height",
    "summary": "Ladders, harnesses and when to say no.",
    "category": "Safety",
    "difficulty": "beginner",
}


class CourseDraft(CourseFields):
    model_config = ConfigDict(json_schema_extra={"example": {"id": ID, **HEADLINE, "modules": [TEXT, QUIZ]}})

    id: uuid.UUID | None = Field(default=None, description="Chosen by the caller, so that a retry is harmless.")


class DraftIn(CourseFields):
    """The whole document: what isn't in it is no longer in the draft. Other fields of the answer are ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "course_id": ID,
                **HEADLINE,
                "skills": ["Ladders"],
                "completion": {"rule": "weighted", "minimum_percent": 80},
                "sections": [{"id": ID, "title": "On the ground"}],
                "modules": [{"id": ID, "section_id": ID, **TEXT}],
            }
        }
    )

    course_id: uuid.UUID
    sections: list[SectionIn] = Field(max_length=100)
    modules: list[ModuleIn] = Field(max_length=200)


class ModuleDraftOut(BaseModel):
    id: uuid.UUID
    stem_id: uuid.UUID = Field(description="The module across the versions of its course.")
    section_id: uuid.UUID | None
    kind: str
    title: str
    duration_s: int
    body: str
    media_id: uuid.UUID | None
    url: str
    weight: int
    settings: dict[str, Any]
    questions: list[dict[str, Any]]


class DraftOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "course_id": ID,
                "version_id": ID,
                "number": 1,
                "slug": "working-at-height",
                "state": "draft",
                "revision": 7,
                "updated_at": "2026-11-23T12:00:00Z",
                "published_at": None,
                "publish_at": None,
                "publish_failure": None,
                **HEADLINE,
                "description": "",
                "language": "en",
                "skills": ["Ladders"],
                "duration_min": 2,
                "cover": None,
                "pass_percent": 80,
                "prerequisites": [],
                "completion": {"rule": "all", "minimum_percent": None, "minimum_watch_percent": None},
                "notes": "",
                "sections": [],
                "modules": [],
            }
        }
    )

    course_id: uuid.UUID
    version_id: uuid.UUID
    number: int
    slug: str
    state: State
    revision: int
    updated_at: datetime
    published_at: datetime | None
    publish_at: datetime | None
    publish_failure: str | None = Field(description="Why the publishing that was scheduled didn't happen.")
    title: str
    summary: str
    description: str
    category: str
    difficulty: str
    language: str
    skills: list[str]
    duration_min: int
    cover: ImageIn | None
    pass_percent: int
    prerequisites: list[uuid.UUID]
    completion: CompletionIn
    notes: str
    sections: list[SectionIn]
    modules: list[ModuleDraftOut]


class CourseRef(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"course_id": ID}})

    course_id: uuid.UUID


class MarkdownIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"text": "Check the **ladder**."}})

    text: Prose


class HtmlOut(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"html": "<p>Check the <strong>ladder</strong>.</p>"}})

    html: str

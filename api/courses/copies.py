"""A version copied part by part: new rows, but each module's stem and each quiz item stay the same."""

import uuid
from typing import Any

from api.core.db import new_id
from api.courses.models import Choice, CourseVersion, Module, Question, Section
from api.courses.questions import own_questions

VERSION = [
    "title",
    "summary",
    "description",
    "category",
    "difficulty",
    "language",
    "duration_min",
    "pass_percent",
    "skills",
    "cover_id",
    "cover_alt",
    "prerequisite_ids",
    "completion",
]
MODULE = ["position", "kind", "title", "duration_s", "body", "media_id", "stem_id", "weight", "url", "settings"]
QUESTION = [
    "position",
    "kind",
    "prompt",
    "item_id",
    "item_version",
    "points",
    "spec",
    "feedback",
    "image_id",
    "image_alt",
]
CHOICE = ["position", "label", "is_correct", "feedback", "match"]


def copied(version: CourseVersion, *, number: int, revision: int) -> CourseVersion:
    """An unpublished copy. What is new in it nobody has said yet, so it has no notes."""
    sections, modules = parts_of(version)
    columns = fields_of(version)
    return CourseVersion(
        id=new_id(),
        course_id=version.course_id,
        number=number,
        revision=revision,
        **columns,
        sections=sections,
        modules=modules,
    )


def fields_of(version: CourseVersion) -> dict[str, Any]:
    return _columns(version, VERSION)


def parts_of(version: CourseVersion) -> tuple[list[Section], list[Module]]:
    """Copies that stand below no version yet."""
    sections = {
        section.id: Section(id=new_id(), position=section.position, title=section.title) for section in version.sections
    }
    return list(sections.values()), [_module(module, sections) for module in version.modules]


def _columns(row: object, names: list[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _module(module: Module, sections: dict[uuid.UUID, Section]) -> Module:
    return Module(
        id=new_id(),
        **_columns(module, MODULE),
        section_id=sections[module.section_id].id if module.section_id else None,
        questions=[_question(number, question) for number, question in enumerate(own_questions(module), 1)],
    )


def _question(position: int, question: Question) -> Question:
    """Ids are random, as in a new item: in order of time they would tell an ordering item's order."""
    return Question(
        id=uuid.uuid4(),
        **{**_columns(question, QUESTION), "position": position},
        choices=[Choice(id=uuid.uuid4(), **_columns(choice, CHOICE)) for choice in question.choices],
    )

"""A version as the document that authors read and write, and back; whether a given document says anything new."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from api.courses.draft_schemas import CompletionIn, CourseFields, DraftIn, ModuleIn, SectionIn
from api.courses.models import CourseVersion, Module
from api.courses.questions import own_questions, question_out
from api.courses.quiz_schemas import SPEC_FIELDS, ChoiceIn, QuestionIn, SpecIn
from api.courses.rules import state_of

PLAIN = [
    "course_id",
    "number",
    "revision",
    "updated_at",
    "published_at",
    "publish_at",
    "publish_failure",
    "title",
    "summary",
    "description",
    "category",
    "difficulty",
    "language",
    "skills",
    "duration_min",
    "pass_percent",
    "notes",
]
MODULE = ["id", "stem_id", "section_id", "kind", "title", "duration_s", "body", "media_id", "url", "weight", "settings"]


def document(version: CourseVersion) -> dict[str, Any]:
    """The whole of it, as DraftOut has it; `version` with its course, sections, modules and questions."""
    return {
        **{name: getattr(version, name) for name in PLAIN},
        "version_id": version.id,
        "slug": version.course.slug,
        "state": state(version),
        "cover": version.cover_id and {"media_id": version.cover_id, "alt": version.cover_alt},
        "prerequisites": version.prerequisite_ids,
        "completion": CompletionIn.model_validate(version.completion),
        "sections": [{"id": section.id, "title": section.title} for section in version.sections],
        "modules": [_module(module) for module in version.modules],
    }


def state(version: CourseVersion) -> str:
    course = version.course
    return state_of(
        is_archived=course.archived_at is not None,
        is_published=version.published_at is not None,
        is_current=course.current_version_id == version.id,
        is_scheduled=version.publish_at is not None,
    )


def _module(module: Module) -> dict[str, Any]:
    questions = [question_out(question) for question in own_questions(module)]
    return {**{name: getattr(module, name) for name in MODULE}, "questions": questions}


def stored_as_given(version: CourseVersion) -> DraftIn | None:
    """What is stored as somebody would send it; None where it was stored under other rules than today's."""
    try:
        return DraftIn.model_validate({**document(version), "course_id": version.course_id})
    except ValidationError:
        return None


Document = TypeVar("Document", bound=CourseFields)


def settled(given: Document, stored: DraftIn | None) -> Document:
    """The same document with an id in each place, and without what saving it would drop.

    What was sent without an id is the part of the same kind and name that is stored and not named otherwise, so
    that sending it again makes nothing new.
    """
    return given.model_copy(
        update={
            "sections": _with_ids(given.sections, stored.sections if stored else [], lambda one: one.title),
            "modules": [_settled_module(*pair) for pair in _pairs(given.modules, stored.modules if stored else [])],
        }
    )


def _settled_module(given: ModuleIn, known: ModuleIn | None) -> ModuleIn:
    pairs = _pairs(given.questions, known.questions if known else [])
    return given.model_copy(update={"questions": [_settled_question(*pair) for pair in pairs]})


def _settled_question(given: QuestionIn, known: QuestionIn | None) -> QuestionIn:
    choices = _with_ids(given.choices, known.choices if known else [], lambda one: one.label, uuid.uuid4)
    kept = given.spec.model_dump(include=SPEC_FIELDS.get(given.kind, set()))
    item_id = known.item_id if known else given.item_id
    return given.model_copy(update={"choices": choices, "spec": SpecIn.model_validate(kept), "item_id": item_id})


Part = TypeVar("Part", SectionIn, ModuleIn, QuestionIn, ChoiceIn)


def _pairs(given: Sequence[Part], known: Sequence[Part]) -> list[tuple[Part, Part | None]]:
    def named(part: Part) -> object:
        return getattr(part, "kind", ""), getattr(part, "title", "") or getattr(part, "prompt", "")

    by_id = {part.id: part for part in known}
    kept = _with_ids(given, known, named)
    return [(part, by_id.get(part.id)) for part in kept]


def _with_ids(
    given: Sequence[Part],
    known: Sequence[Part],
    named: Callable[[Part], object],
    new_id: Callable[[], uuid.UUID] = uuid.uuid4,
) -> list[Part]:
    said = {part.id for part in given}
    free = [part for part in known if part.id not in said]
    kept = []
    for part in given:
        same = next((other for other in free if named(other) == named(part)), None) if part.id is None else part
        if same and same is not part:
            free.remove(same)
        kept.append(part.model_copy(update={"id": same.id if same else new_id()}))
    return kept

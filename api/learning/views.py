"""From rows to what goes over the wire: the content of a course, and the documented engagement body."""

import uuid
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.markdown import to_html
from api.core.settings import Settings
from api.courses.models import CourseVersion, Module, Question
from api.courses.questions import learner_question, own_questions, quiz_settings, shuffled
from api.courses.quiz_schemas import QuizSettings
from api.learning import live, service
from api.learning.engagement import EngagementIn
from api.learning.models import Enrollment, ModuleProgress
from api.learning.quiz_schemas import PreviewOut, SittingOut, StandingOut
from api.learning.quizzes import attempts_left
from api.learning.schemas import ID, MOMENT, ContentOut, EnrollmentOut, live_of
from api.learning.sittings import Begun, Previewed, longer
from api.learning.standing import Standing
from api.media.models import MediaAsset
from api.media.service import asset_links

EXAMPLE = {
    "events": [
        {
            "id": ID,
            "kind": "video_played",
            "enrollment_id": ID,
            "module_id": ID,
            "occurred_at": MOMENT,
            "from_s": 0,
            "to_s": 15,
            "rate": 1,
        }
    ]
}


def _engagement_body() -> dict[str, Any]:
    """The msgspec types as JSON schema, inlined: FastAPI doesn't know them."""
    (reference,), definitions = msgspec.json.schema_components([EngagementIn], ref_template="#/$defs/{name}")
    schema = {**definitions["EngagementIn"]}
    schema["properties"] = {"events": {**schema["properties"]["events"], "items": definitions["Engagement"]}}
    assert reference
    content = {"application/json": {"schema": schema, "example": EXAMPLE}}
    return {"requestBody": {"required": True, "content": content}}


ENGAGEMENT_BODY = _engagement_body()


async def learner_content(
    session: AsyncSession, settings: Settings, media_key: bytes, *, person_id: uuid.UUID, course_id: uuid.UUID
) -> ContentOut:
    """The course as this person learns it; for an author who doesn't, without enrollment."""
    version, enrollment, progress = await service.content(session, person_id=person_id, course_id=course_id)
    used: dict[uuid.UUID, int] = {}
    attended: dict[uuid.UUID, str] = {}
    if enrollment:
        used = await service.attempts_used(session, enrollment.id)
        attended = await live.attended(session, enrollment.id)
    told = content_out(version, enrollment, progress, used=used, settings=settings, media_key=media_key)
    for module, row in zip(told.modules, version.modules, strict=True):
        module.attendance = attended.get(row.stem_id)
    return told


def content_out(
    version: CourseVersion,
    enrollment: Enrollment | None,
    progress: dict[uuid.UUID, ModuleProgress],
    *,
    used: dict[uuid.UUID, int],
    settings: Settings,
    media_key: bytes,
) -> ContentOut:
    """`used`: begun attempts by quiz."""
    columns = ("course_id", "number", "title", "summary", "description", "language", "pass_percent")

    def shown(module: Module) -> dict[str, Any]:
        told = _module(module, progress.get(module.id), settings, media_key)
        if module.kind == "quiz":
            told |= _quiz(module, version, enrollment, used.get(module.id, 0), settings, media_key)
        return told

    return ContentOut.model_validate(
        {
            **{name: getattr(version, name) for name in columns},
            "version_id": version.id,
            "enrollment": enrollment and EnrollmentOut.model_validate(enrollment, from_attributes=True),
            "sections": [{"id": one.id, "title": one.title} for one in version.sections],
            "modules": [shown(module) for module in version.modules],
        }
    )


def _module(module: Module, progress: ModuleProgress | None, settings: Settings, media_key: bytes) -> dict[str, Any]:
    columns = ("id", "position", "kind", "title", "duration_s", "section_id", "body", "url")
    return {
        **{name: getattr(module, name) for name in columns},
        "body_html": to_html(module.body) if module.body.strip() else "",
        "media": _media(module.media, settings, media_key),
        "questions": [],
        "live": live_of(module.settings) if module.kind == "live" else None,
        "progress": progress
        and {
            "module_id": module.id,
            "percent": progress.percent,
            "position_s": progress.position_s,
            "completed_at": progress.completed_at,
        },
    }


def _media(media: MediaAsset | None, settings: Settings, media_key: bytes) -> dict[str, Any] | None:
    if media is None or not (media.object or media.bundle):
        return None
    told = {"file_name": media.file_name, "pages": (media.detail or {}).get("pages")}
    return asset_links(settings, media_key, media) | told


def _quiz(
    module: Module,
    version: CourseVersion,
    enrollment: Enrollment | None,
    used: int,
    settings: Settings,
    media_key: bytes,
) -> dict[str, Any]:
    """Its questions, where they don't depend on an attempt; authors see what they wrote. Until when and how often."""
    rules = quiz_settings(module)
    asked = own_questions(module)
    hidden = rules.needs_sitting and enrollment is not None
    seed = enrollment.id if enrollment else version.id
    order = shuffled(asked, seed, module.id) if rules.shuffle else asked
    return {
        "questions": []
        if hidden
        else questions_out(order, seed, is_shuffled=rules.shuffle, settings=settings, media_key=media_key),
        "quiz": quiz_facts(
            rules,
            len(asked),
            attempts_left(rules, used),
            version.pass_percent if rules.pass_percent is None else rules.pass_percent,
        ),
    }


def questions_out(
    questions: list[Question], seed: object, *, is_shuffled: bool, settings: Settings, media_key: bytes
) -> list[dict[str, Any]]:
    """Mixed by a secret of ours too: who knows only the seed can't find an ordering item's right order by it."""

    def link(asset: MediaAsset) -> dict[str, Any]:
        links = asset_links(settings, media_key, asset)
        return {"url": links["url"], "content_type": links["content_type"]}

    mixed = f"{media_key.hex()} {seed}"
    return [learner_question(question, seed=mixed, is_shuffled=is_shuffled, link=link) for question in questions]


def sitting_out(begun: Begun, settings: Settings, media_key: bytes) -> SittingOut:
    sitting = begun.sitting
    columns = ("id", "module_id", "number", "started_at", "due_at", "extra_percent")
    questions = questions_out(
        begun.questions, sitting.id, is_shuffled=begun.is_shuffled, settings=settings, media_key=media_key
    )
    told = {"attempts_left": begun.attempts_left, "remaining_s": begun.remaining_s, "questions": questions}
    return SittingOut.model_validate({name: getattr(sitting, name) for name in columns} | told)


def standing_out(told: Standing, settings: Settings, media_key: bytes) -> StandingOut:
    rules = told.quiz.settings
    sitting = None
    if told.open:
        answers = [{**kept.answer, "revision": kept.revision} for kept in told.saved]
        sitting = sitting_out(told.open, settings, media_key).model_dump() | {"answers": answers}
    own = [question for question in told.quiz.questions if not question.draws]
    return StandingOut.model_validate(
        {
            "quiz": quiz_facts(rules, len(own), told.attempts_left, told.quiz.pass_percent),
            "extra_time_percent": told.extra_percent,
            "time_s": rules.time_limit_s and longer(rules.time_limit_s, told.extra_percent).total_seconds(),
            "sitting": sitting,
            "attempts": [{"id": one.id, "submitted_at": one.submitted_at, **about} for one, about in told.attempts],
            "review": _review(told, settings, media_key) if told.reviewed else None,
        }
    )


def _review(told: Standing, settings: Settings, media_key: bytes) -> dict[str, Any]:
    """As it was shown: mixed by the same seed."""
    newest = told.attempts[0][0]
    shuffle = told.quiz.settings.shuffle
    shown = questions_out(told.reviewed, newest.id, is_shuffled=shuffle, settings=settings, media_key=media_key)
    answers = [{**answer, **(answer.get("response") or {})} for answer in newest.answers]
    return {"questions": shown, "answers": answers}


def quiz_facts(rules: QuizSettings, own_count: int, left: int | None, pass_percent: int) -> dict[str, Any]:
    """As QuizOut; `own_count` of the questions that are always asked."""
    return {
        **rules.model_dump(include={"attempts", "time_limit_s", "show_feedback"}),
        "needs_sitting": rules.needs_sitting,
        "question_count": own_count + sum(one.count for one in rules.draws),
        "attempts_left": left,
        "pass_percent": pass_percent,
    }


def preview_out(told: Previewed, seed: str, settings: Settings, media_key: bytes) -> PreviewOut:
    questions = questions_out(
        told.questions, seed, is_shuffled=told.is_shuffled, settings=settings, media_key=media_key
    )
    return PreviewOut.model_validate({"questions": questions, "attempt": told.attempt})

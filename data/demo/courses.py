"""Creating and publishing the catalogue, with its files, through the courses and media services."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.courses.draft_schemas import CourseDraft, DraftIn, ModuleIn
from api.courses.quiz_schemas import ChoiceIn, QuestionIn
from api.courses.service import begin_draft, create_course, load_version, publish_course, update_course
from api.identity import service as identity
from api.identity.rules import WEB, Principal
from api.media import service as media
from data.demo.catalogue import VIDEO_S, Course, Module, Next, catalogue
from data.demo.company import FILES
from data.demo.directory import CourseIds, ModuleIds, QuestionIds

PUBLISHED_DAYS_AGO = 400
CONTENT_TYPES = {".mp4": "video/mp4", ".pdf": "application/pdf"}


async def store_files(session: AsyncSession, settings: Settings) -> dict[str, uuid.UUID]:
    """Media ids by file name."""
    stored: dict[str, uuid.UUID] = {}
    for name in sorted({m.file for course in catalogue().values() for m in course.modules if m.file}):
        path = FILES / name
        duration = float(VIDEO_S) if path.suffix == ".mp4" else None
        content_type = CONTENT_TYPES[path.suffix]
        kept = await media.store(session, settings, path=path, content_type=content_type, duration_s=duration)
        stored[name] = kept.id
    return stored


async def write_courses(
    session: AsyncSession, owners: dict[str, uuid.UUID], files: dict[str, uuid.UUID], anchor: date
) -> dict[str, CourseIds]:
    """Every course by its key; a draft stays unpublished."""
    written: dict[str, CourseIds] = {}
    for number, course in enumerate(catalogue().values()):
        day = anchor - timedelta(days=20 if course.is_draft else PUBLISHED_DAYS_AGO - number)
        moment = datetime.combine(day, time(9, 30), UTC)
        owner = owners[course.owner]
        version = await create_course(session, owner_id=owner, draft=_draft(course, files), now=moment)
        if not course.is_draft:
            await publish_course(session, course_id=version.course_id, actor_id=owner, now=moment + timedelta(hours=2))
        written[course.key] = await _ids(session, version.id)
    for course in catalogue().values():
        if course.next:
            moment = datetime.combine(anchor - timedelta(days=course.next.days_ago), time(6), UTC)
            first = written[course.key]
            first.next = await _write_next(session, owners[course.owner], first.id, course.next, files, moment)
            first.next_from = moment
    return written


async def _ids(session: AsyncSession, version_id: uuid.UUID) -> CourseIds:
    loaded = await load_version(session, version_id)
    modules = [ModuleIds(str(m.id), [_question_ids(q) for q in m.questions]) for m in loaded.modules]
    return CourseIds(loaded.course_id, version_id, modules)


def _question_ids(question: Any) -> QuestionIds:
    choices = [str(choice.id) for choice in question.choices]
    return QuestionIds(str(question.id), str(question.item_id), question.item_version, choices)


async def _write_next(
    session: AsyncSession,
    owner: uuid.UUID,
    course_id: uuid.UUID,
    following: Next,
    files: dict[str, uuid.UUID],
    moment: datetime,
) -> CourseIds:
    """The next version, as its author would write it: begun from the first, saved with the edits, published."""
    account = await identity.account_of(session, owner)
    assert account is not None
    who = Principal(account.id, owner, frozenset({"creator"}), frozenset({"courses"}), WEB)
    version, _ = await begin_draft(session, who, course_id=course_id)
    given = _draft(following.course, files).model_dump(exclude={"id"}) | {"notes": following.notes}
    for module, kept in zip(given["modules"], version.modules, strict=True):
        module["id"] = kept.id
        for question, before in zip(module["questions"], kept.questions, strict=True):
            question["item_id"] = before.item_id
    draft = DraftIn.model_validate({"course_id": course_id, **given})
    await update_course(session, who, given=draft, if_match=f'"{version.revision}"')
    published = await publish_course(session, course_id=course_id, actor_id=owner, now=moment)
    return await _ids(session, published.id)


def _draft(course: Course, files: dict[str, uuid.UUID]) -> CourseDraft:
    return CourseDraft(
        title=course.title,
        summary=course.summary,
        description=course.description,
        category=course.category,
        difficulty=course.difficulty,
        skills=course.skills,
        pass_percent=course.pass_percent,
        modules=[_module(module, files) for module in course.modules],
    )


def _module(module: Module, files: dict[str, uuid.UUID]) -> ModuleIn:
    questions = [
        QuestionIn(
            kind=q.kind,
            prompt=q.prompt,
            choices=[ChoiceIn(label=label, is_correct=is_correct) for label, is_correct in q.choices],
        )
        for q in module.questions
    ]
    return ModuleIn(
        kind=module.kind,
        title=module.title,
        duration_s=module.duration_s,
        body=module.body,
        media_id=files[module.file] if module.file else None,
        questions=questions,
    )

"""Creating and publishing the catalogue, with its files, through the courses and media services."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.courses.draft_schemas import CourseDraft, ModuleIn
from api.courses.quiz_schemas import ChoiceIn, QuestionIn
from api.courses.service import create_course, load_version, publish_course
from api.media import service as media
from data.demo.catalogue import VIDEO_S, Course, Module, catalogue
from data.demo.company import FILES
from data.demo.directory import CourseIds, ModuleIds

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
        loaded = await load_version(session, version.id)
        modules = [
            ModuleIds(str(m.id), [(str(q.id), [str(c.id) for c in q.choices]) for q in m.questions])
            for m in loaded.modules
        ]
        written[course.key] = CourseIds(version.course_id, version.id, modules)
    return written


def _draft(course: Course, files: dict[str, uuid.UUID]) -> CourseDraft:
    return CourseDraft(
        title=course.title,
        summary=course.summary,
        description=course.description,
        category=course.category,
        difficulty=course.difficulty,
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

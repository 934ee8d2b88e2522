"""Writing a draft's parts: only what differs from what is stored, under the same ids."""

import uuid
from typing import Any

from sqlalchemy import delete, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from api.core.errors import Conflict
from api.courses.documents import stored_as_given
from api.courses.draft_schemas import CourseFields, ModuleIn
from api.courses.models import Choice, CourseVersion, Module, Question, Section
from api.courses.questions import known_items, question_rows
from api.courses.quiz_schemas import QuestionIn

FIELDS = ["title", "summary", "description", "category", "difficulty", "language", "skills", "pass_percent", "notes"]


def fields_of(given: CourseFields) -> dict[str, Any]:
    """The columns of a version."""
    return {
        **{name: getattr(given, name) for name in FIELDS},
        "cover_id": given.cover.media_id if given.cover else None,
        "cover_alt": given.cover.alt if given.cover else "",
        "prerequisite_ids": given.prerequisites,
        "completion": given.completion.model_dump(exclude_none=True),
        "duration_min": -(-sum(module.duration_s for module in given.modules) // 60),
    }


async def write_parts(session: AsyncSession, version: CourseVersion, given: CourseFields) -> None:
    """Make the draft what `given` says; everything in it has an id."""
    stored = stored_as_given(version)
    before = {module.id: module for module in stored.modules} if stored else {}
    await _check_ids_are_free(session, version, given)
    await _remove_modules(session, version, {module.id for module in given.modules})
    for name, value in fields_of(given).items():
        setattr(version, name, value)
    await _write_sections(session, version, given)
    kept = {module.id: module for module in version.modules}
    for position, told in enumerate(given.modules, 1):
        known = before.get(told.id)
        questions = None if known and known.questions == told.questions else told.questions
        row = kept.get(told.id) if told.id else None
        await _write_module(session, version, row, position, told, questions)
    await session.flush()
    gone = {section.id for section in version.sections} - {section.id for section in given.sections}
    await session.execute(delete(Section).where(Section.id.in_(gone)))


async def clear(session: AsyncSession, version: CourseVersion) -> None:
    """Remove all parts of a draft."""
    await _remove_modules(session, version, set())
    await session.execute(delete(Section).where(Section.version_id == version.id))


async def _check_ids_are_free(session: AsyncSession, version: CourseVersion, given: CourseFields) -> None:
    """A client may choose an id; one of another course's, or of a version before, is nobody's to take."""
    asked = {section.id for section in given.sections} | {module.id for module in given.modules}
    asked -= {section.id for section in version.sections} | {module.id for module in version.modules}
    known = union_all(select(Section.id).where(Section.id.in_(asked)), select(Module.id).where(Module.id.in_(asked)))
    if asked and (taken := await session.scalar(known)):
        raise Conflict(f"The id {taken} is taken: choose a new one.")
    questions = {question.id for module in given.modules for question in module.questions if question.id}
    statement = select(Question.id).join(Module).where(Question.id.in_(questions), Module.version_id != version.id)
    if questions and (taken := await session.scalar(statement.limit(1))):
        raise Conflict(f"The question id {taken} is taken: choose a new one, and keep its item_id.")


async def _remove_modules(session: AsyncSession, version: CourseVersion, kept: set[uuid.UUID | None]) -> None:
    gone = [module for module in version.modules if module.id not in kept]
    for module in gone:
        await _remove_questions(session, module)
    if gone:
        await session.execute(delete(Module).where(Module.id.in_(module.id for module in gone)))


async def _remove_questions(session: AsyncSession, module: Module) -> None:
    questions = list(module.questions)
    ids = [question.id for question in questions]
    if ids:
        await session.execute(delete(Choice).where(Choice.question_id.in_(ids)))
        await session.execute(delete(Question).where(Question.id.in_(ids)))
    for question in questions:  # so that new rows may have their ids
        for choice in question.choices:
            session.expunge(choice)
        session.expunge(question)
    set_committed_value(module, "questions", [])


async def _write_sections(session: AsyncSession, version: CourseVersion, given: CourseFields) -> None:
    known = {section.id: section for section in version.sections}
    for position, told in enumerate(given.sections, 1):
        if row := known.get(told.id) if told.id else None:
            row.position, row.title = position, told.title
        else:
            session.add(Section(id=told.id, version_id=version.id, position=position, title=told.title))
    await session.flush()


async def _write_module(
    session: AsyncSession,
    version: CourseVersion,
    row: Module | None,
    position: int,
    told: ModuleIn,
    questions: list[QuestionIn] | None,
) -> None:
    """`questions` is None where they stay as they are."""
    if row is None:
        row = Module(id=told.id, version_id=version.id, questions=[])
        session.add(row)
    row.position = position
    for name, value in told.model_dump(exclude={"id", "questions"}).items():
        setattr(row, name, value)
    if questions is None:
        return
    known = await known_items(session, course_id=version.course_id, given=questions)
    await _remove_questions(session, row)
    await session.flush()
    for question in question_rows(questions, known):
        question.module_id = row.id
        session.add(question)

"""Reading a version of a course whole."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core.errors import NotFound
from api.courses.models import Course, CourseVersion, Module
from api.courses.questions import with_questions
from api.media.models import MediaAsset


async def draft_version(session: AsyncSession, course: Course) -> CourseVersion:
    """The newest version, published or not."""
    statement = select(CourseVersion).where(CourseVersion.course_id == course.id).order_by(CourseVersion.number.desc())
    version = (await session.scalars(statement.limit(1))).one()
    version.course = course
    return version


async def load_version(session: AsyncSession, version_id: uuid.UUID) -> CourseVersion:
    """One version with its modules, media, questions and choices, in a statement each."""
    modules = selectinload(CourseVersion.modules)
    statement = (
        select(CourseVersion)
        .where(CourseVersion.id == version_id)
        .options(with_questions(modules))
        .options(modules.selectinload(Module.media).selectinload(MediaAsset.object))
        .options(selectinload(CourseVersion.sections), selectinload(CourseVersion.cover))
        .execution_options(populate_existing=True)
    )
    version = await session.scalar(statement)
    if version is None:
        raise NotFound("There is no such version of a course.")
    return version


async def newest_whole(session: AsyncSession, course: Course) -> CourseVersion:
    """The newest version with all its parts, and its course."""
    version = await load_version(session, (await draft_version(session, course)).id)
    version.course = course
    return version

"""Creating a draft, publishing it as an immutable version, and reading a version whole."""

import re
import unicodedata
import uuid
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core import events
from api.core.db import new_id
from api.core.errors import Conflict, NotFound, ProblemError
from api.courses.authors import authored_course, authored_ids, co_authors, is_author, set_co_authors
from api.courses.models import Course, CourseVersion, Module
from api.courses.queries import search_courses
from api.courses.questions import image_ids, question_rows, quiz_problems, with_questions
from api.courses.rules import ModuleFacts, missing_for_publishing
from api.courses.schemas import CourseDraft, ModuleIn
from api.identity import audit
from api.identity.rules import Principal
from api.media.models import MediaAsset

__all__ = [
    "authored_course",
    "authored_ids",
    "co_authors",
    "create_course",
    "draft_version",
    "is_author",
    "load_version",
    "publish_course",
    "search_courses",
    "set_co_authors",
]


class NotReady(ProblemError):
    status = 409
    title = "The course is not ready to be published"


async def create_course(
    session: AsyncSession,
    *,
    owner_id: uuid.UUID,
    draft: CourseDraft,
    actor: Principal | None = None,
    now: datetime | None = None,
) -> CourseVersion:
    """A course with its first draft; the same `draft.id` of the same owner again gives what is there."""
    if draft.id:  # a retry that overtakes the first request waits for it
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(draft.id), 0))))
    if draft.id and (known := await session.get(Course, draft.id)):
        if known.owner_id != owner_id:
            raise Conflict("This id is taken: choose another, or leave it out.")
        return await draft_version(session, known)
    await _check_media(session, draft)
    moment = now or datetime.now(UTC)
    course = Course(id=draft.id or new_id(), slug=await _free_slug(session, draft.title), owner_id=owner_id)
    session.add(course)
    await session.flush()
    version = CourseVersion(
        id=new_id(),
        course=course,
        number=1,
        **draft.model_dump(exclude={"id", "modules"}),
        duration_min=-(-sum(module.duration_s for module in draft.modules) // 60),
        modules=[_module(position, module) for position, module in enumerate(draft.modules, 1)],
    )
    session.add(version)
    await session.flush()
    payload = {"version_id": str(version.id), "number": 1}
    await events.record(
        session,
        "courses.course_created",
        subject_id=course.id,
        actor_id=owner_id,
        payload=payload,
        occurred_at=moment,
    )
    await _record(session, "courses.course_created", actor, version, owner_id)
    return version


async def _record(
    session: AsyncSession, action: str, actor: Principal | None, version: CourseVersion, owner_id: uuid.UUID
) -> None:
    after = {"title": version.title, "version_id": version.id, "number": version.number, "owner_id": owner_id}
    await audit.record(
        session, action=action, actor=actor, target_type="course", target_id=version.course_id, after=after
    )


def _module(position: int, given: ModuleIn) -> Module:
    return Module(
        position=position,
        **given.model_dump(exclude={"questions"}),
        questions=question_rows(given.questions),
    )


async def _check_media(session: AsyncSession, draft: CourseDraft) -> None:
    asked = {module.media_id for module in draft.modules if module.media_id}
    asked |= {media_id for module in draft.modules for media_id in image_ids(module.questions)}
    found = set(await session.scalars(select(MediaAsset.id).where(MediaAsset.id.in_(asked)))) if asked else set()
    if missing := asked - found:
        raise NotFound(f"There is no file with the id {sorted(map(str, missing))[0]}: upload it first.")


async def _free_slug(session: AsyncSession, title: str) -> str:
    """Readable in an address, the lowest free number behind it where the title is taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "course"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("slug " + slug))))
    taken = set(await session.scalars(select(Course.slug).where(Course.slug.regexp_match(f"^{slug}(-[0-9]+)?$"))))
    return slug if slug not in taken else next(s for n in range(2, len(taken) + 3) if (s := f"{slug}-{n}") not in taken)


async def draft_version(session: AsyncSession, course: Course) -> CourseVersion:
    """The newest version, published or not."""
    statement = select(CourseVersion).where(CourseVersion.course_id == course.id).order_by(CourseVersion.number.desc())
    version = (await session.scalars(statement.limit(1))).one()
    version.course = course
    return version


async def publish_course(
    session: AsyncSession,
    *,
    course_id: uuid.UUID,
    actor_id: uuid.UUID,
    actor: Principal | None = None,
    now: datetime | None = None,
) -> CourseVersion:
    """Make the draft the version that new learners get; published already: the same answer again."""
    course = await authored_course(session, course_id, actor_id, lock=True)
    version = await load_version(session, (await draft_version(session, course)).id)
    version.course = course
    if version.published_at:
        return version
    if missing := missing_for_publishing([_facts(module) for module in version.modules]):
        raise NotReady(" ".join(missing[:5]), missing=missing)
    version.published_at = now or datetime.now(UTC)
    course.current_version_id = version.id
    await events.record(
        session,
        "courses.course_published",
        subject_id=course.id,
        actor_id=actor_id,
        payload={"version_id": str(version.id), "number": version.number},
        occurred_at=version.published_at,
    )
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict("Somebody published this course at the same moment: reload it.") from error
    await _record(session, "courses.course_published", actor, version, course.owner_id)
    return version


def _facts(module: Module) -> ModuleFacts:
    return ModuleFacts(
        module.position,
        module.kind,
        module.title,
        has_media=module.media_id is not None,
        has_body=bool(module.body.strip()),
        quiz_problems=quiz_problems(module) if module.kind == "quiz" else [],
    )


async def load_version(session: AsyncSession, version_id: uuid.UUID) -> CourseVersion:
    """One version with its modules, media, questions and choices, in four statements."""
    modules = selectinload(CourseVersion.modules)
    statement = (
        select(CourseVersion)
        .where(CourseVersion.id == version_id)
        .options(with_questions(modules))
        .options(modules.selectinload(Module.media).selectinload(MediaAsset.object))
        .options(selectinload(CourseVersion.sections))
        .execution_options(populate_existing=True)
    )
    version = await session.scalar(statement)
    if version is None:
        raise NotFound("There is no such version of a course.")
    return version

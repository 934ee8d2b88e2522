"""Writing courses: the first draft, saving it, and the draft of the next version."""

import re
import unicodedata
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from api.core import events
from api.core.db import new_id
from api.core.errors import Conflict, NotFound
from api.core.preconditions import check_if_match
from api.courses.authors import authored_course
from api.courses.copies import copied
from api.courses.documents import settled, stored_as_given
from api.courses.draft_checks import check_references
from api.courses.draft_schemas import CourseDraft, CourseFields, DraftIn
from api.courses.models import Course, CourseVersion
from api.courses.parts import fields_of, write_parts
from api.courses.versions import draft_version, load_version, newest_whole
from api.identity import audit
from api.identity.rules import Principal


class NoDraft(Conflict):
    title = "There is no draft"


async def course_draft(
    session: AsyncSession, *, course_id: uuid.UUID, author_id: uuid.UUID, version_id: uuid.UUID | None = None
) -> CourseVersion:
    """The newest version whole, published or not; or that one of the course's."""
    course = await authored_course(session, course_id, author_id)
    if version_id is None:
        return await newest_whole(session, course)
    version = await load_version(session, version_id)
    if version.course_id != course.id:
        raise NotFound("This course has no such version; GET /course-versions lists them.")
    version.course = course
    return version


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
    moment = now or datetime.now(UTC)
    course = Course(id=draft.id or new_id(), slug=await _free_slug(session, draft.title), owner_id=owner_id)
    await check_references(session, draft, course_id=course.id, author_id=owner_id)
    session.add(course)
    await session.flush()
    version = await _new_version(session, course, settled(draft, None), number=1, revision=1)
    await events.record(
        session,
        "courses.course_created",
        subject_id=course.id,
        actor_id=owner_id,
        payload={"version_id": str(version.id), "number": 1},
        occurred_at=moment,
    )
    await record(session, "courses.course_created", actor, version)
    return version


async def _new_version(
    session: AsyncSession, course: Course, given: CourseFields, *, number: int, revision: int
) -> CourseVersion:
    version = CourseVersion(id=new_id(), course_id=course.id, number=number, revision=revision, **fields_of(given))
    session.add(version)
    await session.flush()
    version.course = course
    for parts in ("sections", "modules"):
        set_committed_value(version, parts, [])
    await write_parts(session, version, given)
    return version


async def record(
    session: AsyncSession,
    action: str,
    actor: Principal | None,
    version: CourseVersion,
    before: dict[str, Any] | None = None,
    **more: Any,
) -> None:
    """The audit entry of what was done to a version; the last thing in a transaction."""
    after = {
        "title": version.title,
        "version_id": version.id,
        "number": version.number,
        "owner_id": version.course.owner_id,
        **more,
    }
    await audit.record(
        session,
        action=action,
        actor=actor,
        target_type="course",
        target_id=version.course_id,
        before=before,
        after=after,
    )


async def _free_slug(session: AsyncSession, title: str) -> str:
    """Readable in an address, the lowest free number behind it where the title is taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "course"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("slug " + slug))))
    taken = set(await session.scalars(select(Course.slug).where(Course.slug.regexp_match(f"^{slug}(-[0-9]+)?$"))))
    return slug if slug not in taken else next(s for n in range(2, len(taken) + 3) if (s := f"{slug}-{n}") not in taken)


async def update_course(
    session: AsyncSession, who: Principal, *, given: DraftIn, if_match: str | None
) -> CourseVersion:
    """Save the whole draft. What is stored already is answered as it is, so that a retry is harmless; else the caller
    must have read what is stored now.
    """
    course = await authored_course(session, given.course_id, who.person_id, lock=True)
    version = await newest_whole(session, course)
    if course.archived_at:
        raise NoDraft("This course is archived: POST /restore-course first.")
    if version.published_at:
        raise NoDraft("The newest version is published and never changes: POST /course-drafts begins the next one.")
    stored = stored_as_given(version)
    wanted = settled(given, stored)
    if if_match and wanted == stored:
        return version
    check_if_match(if_match, version.revision)
    await check_references(session, wanted, course_id=course.id, author_id=who.person_id)
    return await save(session, who, version, wanted, "courses.draft_saved")


async def save(
    session: AsyncSession, who: Principal | None, version: CourseVersion, wanted: CourseFields, action: str
) -> CourseVersion:
    """Write it, as the next revision."""
    before = {"revision": version.revision, "title": version.title}
    await write_parts(session, version, wanted)
    version.revision += 1
    version.updated_at = datetime.now(UTC)
    version.publish_failure = None
    await record(session, action, who, version, before, revision=version.revision)
    return await newest_whole(session, version.course)


async def begin_draft(session: AsyncSession, who: Principal, *, course_id: uuid.UUID) -> tuple[CourseVersion, bool]:
    """(the draft of the next version, whether it is new): a copy of the newest, part by part."""
    course = await authored_course(session, course_id, who.person_id, lock=True)
    newest = await newest_whole(session, course)
    if course.archived_at:
        raise NoDraft("This course is archived: POST /restore-course first.")
    if newest.published_at is None:
        return newest, False
    # The revision goes on, so that an ETag of the version before doesn't fit this one.
    version = copied(newest, number=newest.number + 1, revision=newest.revision + 1)
    session.add(version)
    await session.flush()
    version.course = course
    await record(session, "courses.draft_begun", who, version)
    return await newest_whole(session, course), True

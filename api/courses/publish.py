"""A draft becomes an immutable version; a course leaves the catalogue, comes back, takes an old version up again.

Learners are none of this domain's: api.learning.releases moves them and calls these.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.errors import Conflict, NotFound, ProblemError
from api.core.settings import Settings
from api.courses.authors import authored_course
from api.courses.changes import changes
from api.courses.copies import copied, fields_of, parts_of
from api.courses.documents import document
from api.courses.drafts import record
from api.courses.draws import materialise_draws
from api.courses.fresh import catalogue_changes
from api.courses.models import Course, CourseVersion
from api.courses.parts import clear
from api.courses.publish_checks import check, shown_assets
from api.courses.versions import draft_version, load_version, newest_whole
from api.identity.rules import Principal
from api.media.service import publish_assets


class NotReady(ProblemError):
    status = 409
    title = "The course is not ready to be published"


class Archived(Conflict):
    title = "The course is archived"


async def ready_or_raise(session: AsyncSession, version: CourseVersion) -> None:
    """Raises with all that is missing, each with its place."""
    if missing := (await check(session, version)).problems:
        told = [{"pointer": one.pointer, "text": one.text} for one in missing]
        texts = [one.text for one in missing]
        raise NotReady(" ".join(texts[:5]), missing=texts, problems=told)


async def freeze(session: AsyncSession, settings: Settings | None, version: CourseVersion) -> None:
    """The last changes to a draft: what its quizzes may draw, and its files at the place of delivery."""
    for module in version.modules:
        if module.kind == "quiz":
            await materialise_draws(session, module)
    if settings:
        await publish_assets(session, settings, shown_assets(version))


async def release(
    session: AsyncSession, version: CourseVersion, *, actor_id: uuid.UUID | None, now: datetime, **told: Any
) -> None:
    """What new learners get from now on, with its fact; `told` are columns of the version."""
    for name, value in told.items():
        setattr(version, name, value)
    version.publish_at = version.publish_failure = None
    version.updated_at = version.published_at = now
    version.course.current_version_id = version.id
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict("Somebody published this course at the same moment: reload it.") from error
    await tell(session, "courses.course_published", version, actor_id, now)


async def tell(
    session: AsyncSession, name: str, version: CourseVersion, actor_id: uuid.UUID | None, now: datetime
) -> None:
    catalogue_changes(session)
    payload = {"version_id": str(version.id), "number": version.number}
    await events.record(
        session, name, subject_id=version.course_id, actor_id=actor_id, payload=payload, occurred_at=now
    )


async def call_off(session: AsyncSession, who: Principal, course: Course) -> CourseVersion:
    """A scheduled publishing is not done; the job finds nothing to do."""
    version = await draft_version(session, course)
    if version.publish_at is not None:
        before = {"publish_at": version.publish_at}
        version.publish_at = version.publishing = None
        await record(session, "courses.schedule_called_off", who, version, before)
    return version


async def unpublish(session: AsyncSession, who: Principal, course: Course) -> CourseVersion:
    """Out of the catalogue; who is enrolled goes on. Again: nothing."""
    version = await call_off(session, who, course)
    if course.current_version_id is not None:
        taken = await load_version(session, course.current_version_id)
        taken.course = course
        course.current_version_id = None
        await tell(session, "courses.course_unpublished", taken, who.person_id, datetime.now(UTC))
        await record(session, "courses.course_unpublished", who, taken)
    return version


async def set_archived(session: AsyncSession, who: Principal, course: Course, is_archived: bool) -> CourseVersion:
    """Out of the catalogue and put away, or back as it was."""
    version = await call_off(session, who, course) if is_archived else await draft_version(session, course)
    if (course.archived_at is not None) != is_archived:
        course.archived_at = datetime.now(UTC) if is_archived else None
        name = "courses.course_archived" if is_archived else "courses.course_restored"
        await tell(session, name, version, who.person_id, datetime.now(UTC))
        await record(session, name, who, version)
    return version


async def publish_again(session: AsyncSession, who: Principal | None, version: CourseVersion, now: datetime) -> None:
    """A version that was taken out of the catalogue comes back."""
    version.course.current_version_id = version.id
    await session.flush()
    await tell(session, "courses.course_published", version, who.person_id if who else None, now)
    await record(session, "courses.course_published", who, version)


async def restore(session: AsyncSession, who: Principal, course: Course, version_id: uuid.UUID | None) -> CourseVersion:
    """Back as it was before it was put away or taken out of the catalogue; or the content of an old version."""
    if version_id is not None:
        await set_archived(session, who, course, False)
        return await restore_content(session, who, course, version_id)
    was_archived = course.archived_at is not None
    version = await set_archived(session, who, course, False)
    if not was_archived and version.published_at and course.current_version_id is None:
        await publish_again(session, who, version, datetime.now(UTC))
    return version


async def restore_content(
    session: AsyncSession, who: Principal, course: Course, version_id: uuid.UUID
) -> CourseVersion:
    """The content of an old version becomes the draft, a new one or in place of the one that is being written."""
    old = await load_version(session, version_id)
    if old.course_id != course.id:
        raise NotFound("This course has no such version.")
    newest = await newest_whole(session, course)
    if old.id == newest.id:
        return newest
    if newest.published_at:
        draft = copied(old, number=newest.number + 1, revision=newest.revision + 1)
        session.add(draft)
        await session.flush()
        draft.course = course
        await record(session, "courses.version_restored", who, draft, None, from_number=old.number)
        return await newest_whole(session, course)
    return await _overwrite(session, who, newest, old)


async def _overwrite(session: AsyncSession, who: Principal, draft: CourseVersion, old: CourseVersion) -> CourseVersion:
    """What was being written is gone; the same again finds nothing to change."""
    old.course = draft.course
    if not changes(document(draft), document(old)):
        return draft
    before = {"revision": draft.revision, "title": draft.title}
    sections, modules = parts_of(old)
    await clear(session, draft)
    for name, value in fields_of(old).items():
        setattr(draft, name, value)
    for section in sections:
        section.version_id = draft.id
    for module in modules:
        module.version_id = draft.id
    session.add_all([*sections, *modules])
    draft.revision += 1
    draft.updated_at = datetime.now(UTC)
    await record(session, "courses.version_restored", who, draft, before, from_number=old.number)
    return await newest_whole(session, draft.course)


async def publish_course(
    session: AsyncSession,
    *,
    course_id: uuid.UUID,
    actor_id: uuid.UUID,
    actor: Principal | None = None,
    now: datetime | None = None,
) -> CourseVersion:
    """The first version of a course, which has no learners yet; published already: the same answer again."""
    course = await authored_course(session, course_id, actor_id, lock=True)
    version = await newest_whole(session, course)
    if version.published_at is None:
        await ready_or_raise(session, version)
        await freeze(session, None, version)
        await release(session, version, actor_id=actor_id, now=now or datetime.now(UTC))
        await record(session, "courses.course_published", actor, version)
    return version

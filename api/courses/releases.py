"""The versions of a course, and what differs between two."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import NotFound
from api.courses.changes import diff
from api.courses.documents import document
from api.courses.models import Course, CourseVersion
from api.courses.publish_schemas import ReleaseOut
from api.courses.versions import load_version

MOST = 500


async def versions(session: AsyncSession, course: Course) -> Sequence[CourseVersion]:
    """Newest first, without their parts."""
    statement = select(CourseVersion).where(CourseVersion.course_id == course.id).order_by(CourseVersion.number.desc())
    found = (await session.scalars(statement.limit(MOST))).all()
    for version in found:
        version.course = course
    return found


def release_states(found: Sequence[CourseVersion]) -> list[str]:
    """Of versions newest first: only the newest that was published can be the one taken out of the catalogue."""
    published = [version for version in found if version.published_at]
    states = []
    for version in found:
        if not version.published_at:
            states.append("scheduled" if version.publish_at else "draft")
        elif version.course.current_version_id == version.id:
            states.append("archived" if version.course.archived_at else "published")
        else:
            is_out = version is published[0] and version.course.current_version_id is None
            states.append("unpublished" if is_out else "superseded")
    return states


def release_out(version: CourseVersion, state: str) -> ReleaseOut:
    impact: dict[str, Any] = version.impact or {}
    columns = ("course_id", "number", "title", "published_at", "publish_at", "notes", "is_material")
    return ReleaseOut.model_validate(
        {
            **{name: getattr(version, name) for name in columns},
            "version_id": version.id,
            "slug": version.course.slug,
            "state": state,
            "is_current": version.course.current_version_id == version.id,
            "moved": impact.get("moved"),
            "must_retake": impact.get("must_retake"),
            "changes": impact.get("changes", []),
        }
    )


async def compare(
    session: AsyncSession, course: Course, old_id: uuid.UUID | None, new_id: uuid.UUID | None
) -> dict[str, Any]:
    """Without ids, the version that is published, or was the last, against the newest."""
    found = await versions(session, course)
    new = _one(found, new_id) if new_id else found[0]
    before = [version for version in found if version.published_at and version.number < new.number]
    old = _one(found, old_id) if old_id else before[0] if before else new
    documents = []
    for version in (old, new):
        whole = await load_version(session, version.id)
        whole.course = course
        documents.append(document(whole))
    return {
        "course_id": course.id,
        "from_version_id": old.id,
        "from_number": old.number,
        "to_version_id": new.id,
        "to_number": new.number,
        **diff(*documents),
    }


def _one(found: Sequence[CourseVersion], version_id: uuid.UUID) -> CourseVersion:
    for version in found:
        if version.id == version_id:
            return version
    raise NotFound("This course has no such version; GET /course-versions lists them.")

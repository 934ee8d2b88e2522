"""What anybody may know of a published course, remembered in the process.

A published version never changes, so an answer is good for as long as the course shows the same version and its
prerequisites theirs. That is asked anew once a second at most, by primary keys: a change is seen within `FRESH_S` in
every process, without a listener that may lose its connection.
"""

import hashlib
import time
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import selectinload

from api.core.errors import NotFound
from api.core.markdown import to_html
from api.core.settings import Settings
from api.courses.detail_schemas import CourseDetailOut
from api.courses.draft_schemas import CompletionIn
from api.courses.models import Course, CourseVersion
from api.media.models import MediaAsset
from api.media.service import asset_links

FRESH_S = 1.0
LINKS_S = 600.0
"""Links to files are signed for hours; an answer isn't remembered for longer than this."""
MOST = 2000

STAMP = text(
    """
    select v.id::text || coalesce((
        select string_agg(coalesce(p.current_version_id::text, '-'), ' ' order by p.id)
        from course p where p.id = any(v.prerequisite_ids)
    ), '')
    from course c join course_version v on v.id = c.current_version_id
    where c.id = :course_id and c.archived_at is null
    """
)
PREREQUISITES = text(
    """
    select c.id as course_id, c.slug, coalesce(v.title, c.slug) as title
    from course_version asked, unnest(asked.prerequisite_ids) with ordinality needed (course_id, place)
    join course c on c.id = needed.course_id left join course_version v on v.id = c.current_version_id
    where asked.id = :version_id order by needed.place
    """
)


@dataclass(slots=True)
class Known:
    stamp: str
    body: bytes
    etag: str
    made_at: float
    checked_at: float


class CourseDetails:
    """One a process."""

    def __init__(self, engine: AsyncEngine, settings: Settings, media_key: bytes) -> None:
        self._engine, self._settings, self._key = engine, settings, media_key
        self._known: dict[uuid.UUID, Known] = {}

    async def get(self, course_id: uuid.UUID) -> Known:
        now = time.monotonic()
        known = self._known.get(course_id)
        if known and now - known.checked_at < FRESH_S and now - known.made_at < LINKS_S:
            return known
        async with self._engine.connect() as connection:
            stamp = (await connection.execute(STAMP, {"course_id": course_id})).scalar_one_or_none()
            if stamp is None:
                self._known.pop(course_id, None)
                raise NotFound("There is no published course with this id; GET /courses lists them.")
            if known and known.stamp == stamp and now - known.made_at < LINKS_S:
                known.checked_at = now
                return known
            async with AsyncSession(connection) as session:
                body = await self._read(session, course_id)
        if len(self._known) >= MOST:
            self._known.clear()
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        self._known[course_id] = made = Known(stamp, body, etag, now, now)
        return made

    async def _read(self, session: AsyncSession, course_id: uuid.UUID) -> bytes:
        statement = (
            select(CourseVersion)
            .join(Course, Course.current_version_id == CourseVersion.id)
            .where(Course.id == course_id)
            .options(selectinload(CourseVersion.sections), selectinload(CourseVersion.modules))
            .options(selectinload(CourseVersion.cover).selectinload(MediaAsset.object))
            .options(selectinload(CourseVersion.course))
        )
        version = await session.scalar(statement)
        if version is None:
            raise NotFound("There is no published course with this id; GET /courses lists them.")
        prerequisites = (await session.execute(PREREQUISITES, {"version_id": version.id})).mappings().all()
        told = CourseDetailOut.model_validate(self._told(version, [dict(row) for row in prerequisites]))
        return told.model_dump_json().encode()

    def _told(self, version: CourseVersion, prerequisites: list[dict[str, Any]]) -> dict[str, Any]:
        shown = version.cover and asset_links(self._settings, self._key, version.cover)
        module = ("id", "section_id", "kind", "title", "duration_s")
        plain = [name for name in CourseDetailOut.model_fields if hasattr(CourseVersion, name)]
        return {
            **{name: getattr(version, name) for name in plain},
            "id": version.course_id,
            "slug": version.course.slug,
            "version_id": version.id,
            "version_number": version.number,
            "description_html": to_html(version.description),
            "cover": shown and {"url": shown["url"], "alt": version.cover_alt},
            "completion": CompletionIn.model_validate(version.completion),
            "prerequisites": prerequisites,
            "sections": [{"id": section.id, "title": section.title} for section in version.sections],
            "modules": [{name: getattr(one, name) for name in module} for one in version.modules],
        }

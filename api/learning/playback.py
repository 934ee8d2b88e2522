"""Sessions of playing, and what the credited intervals prove: how far somebody is in a video or document."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.db import new_id
from api.core.errors import NotFound, ProblemError
from api.courses.models import Module
from api.learning.attempts import NotEnrolled
from api.learning.crediting import spans_of
from api.learning.engagement import OLDEST
from api.learning.models import Enrollment, ModuleProgress
from api.learning.playback_models import NO_FILE, PlaySession
from api.learning.playback_rules import LIFE, length, merged, pages_percent, video_percent
from api.learning.playback_schemas import PlaySessionIn, PlaySessionOut

MOST_AN_HOUR = 200


class TooManySessions(ProblemError):
    status = 429
    title = "Too many sessions"


COVERED = text(
    """
    select m.kind, coalesce(a.duration_s, m.duration_s)::float8 as duration_s, (a.detail ->> 'pages')::int as pages,
        coalesce(p.covered, '{}')::text as covered, v.completion ->> 'minimum_watch_percent' as minimum
    from module m join course_version v on v.id = m.version_id
    left join media_asset a on a.id = m.media_id
    left join playback p on p.enrollment_id = :enrollment_id and p.stem_id = m.stem_id
        and p.file_id = coalesce(m.media_id, '00000000-0000-0000-0000-000000000000')
    where m.id = :module_id
    """
)


async def proven_percent(
    connection: AsyncConnection, enrollment_id: uuid.UUID, module_id: uuid.UUID, sent: int, minimum: int | None
) -> int:
    """Of a video what was played, whatever the client says. Of a document the pages that were read, or all of it where
    its reader says so: who has it read aloud from the file turns no pages here.
    """
    asked = {"enrollment_id": enrollment_id, "module_id": module_id}
    return _percent((await connection.execute(COVERED, asked)).one(), sent, minimum)


def _percent(row: Any, sent: int, minimum: int | None) -> int:
    if row.kind == "document":
        read = pages_percent(round(_within(row.covered, row.pages)), row.pages) if row.pages else 0
        return 100 if sent == 100 else read
    if row.duration_s <= 0:  # nothing tells how long it is
        return sent
    return video_percent(_within(row.covered, row.duration_s), row.duration_s, minimum)


def _within(covered: str, end: float) -> float:
    return length((a, min(b, end)) for a, b in spans_of(covered) if a < end)


async def begin_session(
    session: AsyncSession, *, person_id: uuid.UUID, sent: PlaySessionIn, now: datetime | None = None
) -> PlaySessionOut:
    """Begun now, by the server's clock; with what was played before, on whatever device."""
    moment = now or datetime.now(UTC)
    enrollment = await session.scalar(
        select(Enrollment).where(
            Enrollment.person_id == person_id,
            Enrollment.course_id == sent.course_id,
            Enrollment.withdrawn_at.is_(None),
        )
    )
    if enrollment is None:
        raise NotEnrolled("You are not enrolled in this course: POST /enroll first.")
    module = await session.get(Module, sent.module_id)
    if module is None or module.version_id != enrollment.version_id or module.kind not in ("video", "document"):
        raise NotFound("This course, in the version you are enrolled in, has no such video or document.")
    await _check_not_too_many(session, person_id, moment)
    # Their events would be refused as too old: nothing can be credited in them any more.
    over = PlaySession.started_at < moment - OLDEST - LIFE
    await session.execute(delete(PlaySession).where(PlaySession.person_id == person_id, over))
    begun = PlaySession(
        id=new_id(),
        person_id=person_id,
        enrollment_id=enrollment.id,
        stem_id=module.stem_id,
        file_id=module.media_id or NO_FILE,
        started_at=moment,
    )
    session.add(begun)
    asked = {"enrollment_id": enrollment.id, "module_id": module.id}
    row = (await session.execute(COVERED, asked)).one()
    progress = await session.get(ModuleProgress, tuple(asked.values()))
    known = progress.percent if progress else 0
    return PlaySessionOut(
        id=begun.id,
        watched=merged(spans_of(row.covered)),
        position_s=progress.position_s if progress else None,
        duration_s=row.duration_s if row.kind == "video" else None,
        pages=row.pages,
        percent=max(known, _percent(row, known, row.minimum and int(row.minimum))),
    )


async def _check_not_too_many(session: AsyncSession, person_id: uuid.UUID, now: datetime) -> None:
    mine = select(func.count()).select_from(PlaySession)
    mine = mine.where(PlaySession.person_id == person_id, PlaySession.started_at > now - timedelta(hours=1))
    if (await session.scalar(mine) or 0) >= MOST_AN_HOUR:
        raise TooManySessions(f"{MOST_AN_HOUR} sessions an hour are enough: go on in one that you have.")

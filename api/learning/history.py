"""Learning that happened elsewhere or before: a demo company, or the years in a former system."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events

COLUMNS = {
    "enrollment": (
        "id person_id course_id version_id enrolled_at last_activity_at completed_at progress_percent score_percent"
    ),
    "module_progress": "enrollment_id module_id percent position_s updated_at completed_at",
    "quiz_attempt": "id enrollment_id module_id number answers score_percent is_passed submitted_at",
    "certificate": (
        "id enrollment_id person_id course_id code person_name course_title summary score_percent issued_at expires_at"
    ),
    "course_rating": "id course_id person_id version_id stars comment created_at updated_at",
    "event": "id type actor_id subject_id payload occurred_at",
}
"""The tuples of a History have these columns in this order; `answers` and `payload` are JSON text."""

PLAYBACK = text(
    """
    insert into playback (enrollment_id, stem_id, file_id, covered, updated_at)
    select en.id, m.stem_id, coalesce(m.media_id, '00000000-0000-0000-0000-000000000000'),
        range_agg(case when m.kind = 'video'
            then numrange((e.payload ->> 'from_s')::numeric, (e.payload ->> 'to_s')::numeric)
            else numrange((e.payload ->> 'page')::numeric - 1, (e.payload ->> 'page')::numeric) end), max(e.occurred_at)
    from unnest(:enrollments) as en (id)
    join event e on e.payload ->> 'enrollment_id' = en.id::text
        and e.type in ('engagement.video_played', 'engagement.document_read')
    join module m on m.id::text = e.payload ->> 'module_id'
    where (e.type = 'engagement.video_played' and m.kind = 'video' and e.payload ? 'to_s')
        or (e.type = 'engagement.document_read' and m.kind = 'document' and e.payload ? 'page')
    group by 1, 2, 3
    """
).bindparams(bindparam("enrollments", type_=ARRAY(Uuid)))
"""What was played there, as those who were there told it."""

Row = tuple[Any, ...]


@dataclass(slots=True)
class History:
    """Rows of past learning, consistent with each other: it is copied as it is."""

    enrollments: list[Row] = field(default_factory=list)
    module_progress: list[Row] = field(default_factory=list)
    quiz_attempts: list[Row] = field(default_factory=list)
    certificates: list[Row] = field(default_factory=list)
    course_ratings: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)


def id_at(moment: datetime, random_bits: int) -> uuid.UUID:
    """The UUIDv7 of a past moment from 74 random bits, so that history lies in the partitions of its time."""
    value = int(moment.timestamp() * 1000) << 80 | random_bits & ((1 << 74) - 1)
    high, low = value >> 62 & ((1 << 12) - 1), value & ((1 << 62) - 1)
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80 | 7 << 76 | high << 64 | 2 << 62 | low)


async def import_history(session: AsyncSession, history: History) -> None:
    """Copy it all in the caller's transaction; the same rows a second time raise Conflict and change nothing."""
    moments = [row[5] for row in history.events]
    if moments:
        await events.ensure_partitions(session, min(moments).date(), max(moments).date())
    raw = await (await session.connection()).get_raw_connection()
    connection: asyncpg.Connection = raw.driver_connection
    tables = {
        "enrollment": history.enrollments,
        "module_progress": history.module_progress,
        "quiz_attempt": history.quiz_attempts,
        "certificate": history.certificates,
        "course_rating": history.course_ratings,
        "event": history.events,
    }
    for table, rows in tables.items():
        columns = COLUMNS[table].split()
        await connection.copy_records_to_table(table, records=rows, columns=columns)
    await session.execute(text("analyze event"))
    # The planner knows nothing of what is within JSON: it would look through all enrollments for each event.
    await session.execute(text("set local enable_nestloop = off"))
    await session.execute(PLAYBACK, {"enrollments": [row[0] for row in history.enrollments]})
    await session.execute(text("set local enable_nestloop = on"))

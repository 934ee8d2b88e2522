"""A learner's own notes: read and written by them alone, whatever anybody's role."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import RowMapping, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import Conflict, NotFound, ProblemError
from api.core.plain import plain
from api.courses.search_rules import Place, decode_cursor, encode_cursor
from api.learning.note_models import Note
from api.learning.note_schemas import NoteChange, NoteIn
from api.learning.places import TITLES, step

MOST = 5000
"""Of one person; somebody who writes a note a day needs fourteen years for them."""


class EmptyText(ProblemError):
    status = 422
    title = "There is nothing to keep"


class TooManyNotes(Conflict):
    title = "Too many notes"


NOTES = text(
    f"""
    select x.id, x.course_id, v.title as course_title, m.id as module_id,
        m.title as module_title, coalesce(m.is_here, x.stem_id is null) as is_there,
        x.at_s::float8 as at_s, x.text, x.created_at, x.updated_at
    from note x {TITLES}
    where x.person_id = :person_id and (cast(:id as uuid) is null or x.id = :id)
        and (cast(:course_id as uuid) is null or x.course_id = :course_id)
        and (cast(:module_id as uuid) is null or x.stem_id = (select stem_id from module where id = :module_id))
        and (cast(:search as text) = '' or x.text ilike '%' || :search || '%')
    order by x.created_at desc, x.id desc limit :limit offset :offset
    """  # noqa: S608 (our own words)
)


def written(given: str) -> str:
    """As it is kept; 422 where nothing that can be read is left of it."""
    kept = plain(given)
    if not kept:
        raise EmptyText("Write something: of this text nothing is left to show.")
    return kept


async def keep_note(session: AsyncSession, *, person_id: uuid.UUID, given: NoteIn) -> tuple[RowMapping, bool]:
    """(the note, whether it is new); the same id again is the same note, as it is by now."""
    at, kept = await step(session, person_id=person_id, module_id=given.module_id), written(given.text)
    count = await session.scalar(select(func.count()).where(Note.person_id == person_id))
    if (count or 0) >= MOST:
        raise TooManyNotes(f"You have {MOST} notes: delete some first.")
    values = {"id": given.id, "person_id": person_id, "course_id": at.course_id, "stem_id": at.stem_id}
    statement = insert(Note).values(**values, at_s=given.at_s, text=kept).on_conflict_do_nothing()
    is_new = await session.scalar(statement.returning(Note.id)) is not None
    return await _own(session, person_id, given.id, taken=not is_new), is_new


async def change_note(
    session: AsyncSession, *, person_id: uuid.UUID, note_id: uuid.UUID, given: NoteChange
) -> RowMapping:
    note = await session.scalar(select(Note).filter_by(id=note_id, person_id=person_id).with_for_update())
    if note is None:
        raise NotFound("You have no such note.")
    kept = written(given.text)
    if (note.text, note.at_s) != (kept, given.at_s):
        note.text, note.at_s, note.updated_at = kept, given.at_s, datetime.now(UTC)
        await session.flush()
    return await _own(session, person_id, note_id)


async def delete_note(session: AsyncSession, *, person_id: uuid.UUID, note_id: uuid.UUID) -> None:
    """Gone for good; one that is not there is gone already."""
    await session.execute(delete(Note).where(Note.id == note_id, Note.person_id == person_id))


async def notes(
    reader: AsyncConnection | AsyncSession,
    *,
    person_id: uuid.UUID,
    course_id: uuid.UUID | None = None,
    module_id: uuid.UUID | None = None,
    search: str = "",
    limit: int = 100,
    cursor: str | None = None,
) -> tuple[Sequence[RowMapping], str | None]:
    """(the newest first, the cursor of the next page)"""
    place, told = decode_cursor(cursor), search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    asked = {"person_id": person_id, "course_id": course_id, "module_id": module_id, "search": told, "id": None}
    found = await reader.execute(NOTES, {**asked, "limit": limit + 1, "offset": place.offset})
    rows = found.mappings().all()
    return rows[:limit], encode_cursor(Place(place.offset + limit)) if len(rows) > limit else None


async def _own(session: AsyncSession, person_id: uuid.UUID, note_id: uuid.UUID, *, taken: bool = False) -> RowMapping:
    asked = {"person_id": person_id, "id": note_id, "course_id": None, "module_id": None, "search": ""}
    row = (await session.execute(NOTES, {**asked, "limit": 1, "offset": 0})).mappings().one_or_none()
    if row is None:
        raise Conflict("This id is taken: choose a new one.") if taken else NotFound("You have no such note.")
    return row

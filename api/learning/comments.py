"""What those who learn a course say to each other and to its authors, at a step or at a place in its video."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import Conflict, Forbidden, NotFound
from api.courses.search_rules import Place, decode_cursor, encode_cursor
from api.identity import audit
from api.identity.rules import Principal
from api.learning.comment_schemas import CommentChange, CommentIn, VisibilityIn
from api.learning.note_models import Comment, CommentReport
from api.learning.notes import written
from api.learning.places import COURSE, Step, step

EDITABLE = timedelta(minutes=15)
"""Others may have answered what stood there."""


class TooLate(Conflict):
    title = "Too late to change it"


SAID = """
    select x.id, cast(:module_id as uuid) as module_id, x.parent_id, x.at_s::float8 as at_s, x.created_at, x.edited_at,
        x.person_id = :person_id as is_mine, x.deleted_at is not null as is_deleted,
        x.hidden_at is not null as is_hidden,
        x.person_id = :person_id and x.deleted_at is null and x.created_at > :editable_since as may_edit,
        case when s.is_shown then x.text else '' end as text,
        case when s.is_shown then p.display_name else '' end as name,
        s.is_shown and (c.owner_id = x.person_id or exists (
            select from course_author a where a.course_id = c.id and a.person_id = x.person_id)) as is_author,
        case when :may_hide then (select count(*) from comment_report r where r.comment_id = x.id) else 0 end as reports
    from comment x
    join person p on p.id = x.person_id
    join course c on c.id = x.course_id
    cross join lateral (
        select x.deleted_at is null and (x.hidden_at is null or :may_hide or x.person_id = :person_id) as is_shown
    ) s
"""
THREADS = text(
    f"""
    {SAID}
    where x.course_id = :course_id and x.stem_id = :stem_id and x.parent_id is null
        and (x.deleted_at is null or exists (
            select from comment y where y.parent_id = x.id and y.deleted_at is null))
    order by x.created_at desc, x.id desc limit :limit offset :offset
    """
)
REPLIES = text(f"{SAID} where x.parent_id = any(:ids) and x.deleted_at is null order by x.created_at, x.id")
ONE = text(f"{SAID} where x.id = :id")


async def threads(
    reader: AsyncConnection, *, person_id: uuid.UUID, module_id: uuid.UUID, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Of one module, the newest first, each with its answers; for who learns the course, and its authors."""
    at, place = await step(reader, person_id=person_id, module_id=module_id), decode_cursor(cursor)
    asked = _asked(at, person_id, module_id)
    page = {"course_id": at.course_id, "stem_id": at.stem_id, "limit": limit + 1, "offset": place.offset}
    found = [{**row, "replies": []} for row in (await reader.execute(THREADS, asked | page)).mappings()]
    items = {one["id"]: one for one in found[:limit]}
    for row in (await reader.execute(REPLIES, asked | {"ids": list(items)})).mappings():
        items[row["parent_id"]]["replies"].append(row)
    following = encode_cursor(Place(place.offset + limit)) if len(found) > limit else None
    return {"items": list(items.values()), "next": following, "may_hide": at.is_author}


async def say(session: AsyncSession, *, person_id: uuid.UUID, given: CommentIn) -> tuple[RowMapping, bool]:
    """(the comment, whether it is new); the same id again is the same comment, as it is by now."""
    at, kept = await step(session, person_id=person_id, module_id=given.module_id), written(given.text)
    place = {"course_id": at.course_id, "stem_id": at.stem_id}
    if given.parent_id is not None:
        parent = await session.scalar(select(Comment).filter_by(id=given.parent_id, **place, parent_id=None))
        if parent is None or parent.deleted_at or (parent.hidden_at and not at.is_author):
            raise NotFound("There is no such comment to answer here; an answer itself can't be answered.")
    values = {"id": given.id, "person_id": person_id, **place, "parent_id": given.parent_id, "at_s": given.at_s}
    statement = insert(Comment).values(**values, text=kept).on_conflict_do_nothing().returning(Comment.id)
    is_new = await session.scalar(statement) is not None
    own = select(Comment.id).filter_by(id=given.id, person_id=person_id, **place)
    if not is_new and await session.scalar(own) is None:
        raise Conflict("This id is taken: choose a new one.")
    return await _one(session, at, person_id, given.module_id, given.id), is_new


async def change(session: AsyncSession, *, person_id: uuid.UUID, comment_id: uuid.UUID, given: CommentChange) -> None:
    comment = await session.scalar(
        select(Comment).filter_by(id=comment_id, person_id=person_id, deleted_at=None).with_for_update()
    )
    if comment is None:
        raise NotFound("You have written no such comment.")
    moment, kept = datetime.now(UTC), written(given.text)
    if comment.text == kept:
        return
    if moment - comment.created_at > EDITABLE:
        raise TooLate("A comment can be changed for 15 minutes: write another, or delete this one.")
    comment.text, comment.edited_at = kept, moment


async def withdraw(session: AsyncSession, *, person_id: uuid.UUID, comment_id: uuid.UUID) -> None:
    """Its words are gone for good; what others answered stays. Twice is once."""
    comment = await session.scalar(
        select(Comment).filter_by(id=comment_id, person_id=person_id, deleted_at=None).with_for_update()
    )
    if comment is not None:
        comment.text, comment.deleted_at = "", datetime.now(UTC)
        await session.execute(delete(CommentReport).where(CommentReport.comment_id == comment_id))


async def set_visibility(session: AsyncSession, who: Principal, given: VisibilityIn) -> None:
    """By an author of the course, with a reason that the audit log keeps; the same again changes nothing."""
    is_author, comment = await _seen(session, who.person_id, given.comment_id)
    if not is_author:
        raise Forbidden("Only the authors of a course hide its comments; PUT /comment-reports tells them of one.")
    if (comment.hidden_at is not None) == given.is_hidden:
        return
    comment.hidden_at = datetime.now(UTC) if given.is_hidden else None
    await audit.record(
        session,
        action="learning.comment_hidden" if given.is_hidden else "learning.comment_shown",
        actor=who,
        target_type="comment",
        target_id=comment.id,
        after={"course_id": comment.course_id, "person_id": comment.person_id},
        note=given.reason.strip() or None,
    )


async def report(session: AsyncSession, *, person_id: uuid.UUID, comment_id: uuid.UUID) -> None:
    """The authors see how many did; twice is once."""
    await _seen(session, person_id, comment_id)
    values = {"comment_id": comment_id, "person_id": person_id}
    await session.execute(insert(CommentReport).values(values).on_conflict_do_nothing())


async def _seen(session: AsyncSession, person_id: uuid.UUID, comment_id: uuid.UUID) -> tuple[bool, Comment]:
    """(whether the person is an author of its course, a comment that they may read)"""
    comment = await session.scalar(select(Comment).filter_by(id=comment_id, deleted_at=None).with_for_update())
    asked = {"person_id": person_id, "course_id": comment.course_id if comment else None}
    course = (await session.execute(COURSE, asked)).one_or_none()
    if comment is None or course is None or not (course.is_learner or course.is_author):
        raise NotFound("There is no such comment in a course that you learn or wrote.")
    return course.is_author, comment


def _asked(at: Step, person_id: uuid.UUID, module_id: uuid.UUID) -> dict[str, Any]:
    since = datetime.now(UTC) - EDITABLE
    return {"person_id": person_id, "module_id": module_id, "editable_since": since, "may_hide": at.is_author}


async def _one(
    session: AsyncSession, at: Step, person_id: uuid.UUID, module_id: uuid.UUID, comment_id: uuid.UUID
) -> RowMapping:
    asked = _asked(at, person_id, module_id) | {"id": comment_id}
    return (await session.execute(ONE, asked)).mappings().one()

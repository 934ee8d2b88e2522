"""The catalogue's statements: a benchmarked path, so Core on the read engine and no ORM objects."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.errors import ProblemError

COLUMNS = (
    "c.id, c.slug, v.title, v.summary, v.category, v.difficulty, v.language, v.duration_min,"
    " v.id as version_id, v.number as version_number"
)
PUBLISHED = "course_version v join course c on c.current_version_id = v.id and c.archived_at is null"
QUERY = "websearch_to_tsquery('english', :search)"
DEEPEST = 10_000


class BadCursor(ProblemError):
    status = 422
    title = "The cursor is not one of ours"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts; `is_alike` once no word matched and titles that look alike are listed."""

    offset: int = 0
    is_alike: bool = False


def encode_cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{'a' if place.is_alike else 'o'}{place.offset}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> Place:
    if not cursor:
        return Place()
    try:
        known = re.fullmatch(
            r"([ao])([0-9]{1,9})", base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        )
    except (ValueError, binascii.Error):
        known = None
    if known is None:
        raise BadCursor("Send `cursor` as an earlier answer gave it in `next`, or leave it out.")
    if int(known[2]) > DEEPEST:
        raise BadCursor(f"No more than {DEEPEST} courses are listed: narrow the search.")
    return Place(int(known[2]), known[1] == "a")


def _statement(condition: str, order: str, *, category: str, difficulty: str) -> TextClause:
    filters = [condition] if condition else []
    filters += ["v.category = :category"] if category else []
    filters += ["v.difficulty = :difficulty"] if difficulty else []
    where = f"where {' and '.join(filters)}" if filters else ""
    return text(f"select {COLUMNS} from {PUBLISHED} {where} order by {order} limit :limit offset :offset")  # noqa: S608 (our own words)


async def search_courses(
    reader: AsyncConnection, *, search: str, category: str, difficulty: str, limit: int, cursor: str | None
) -> tuple[Sequence[RowMapping], str | None]:
    """(published courses, cursor of the next page): by rank, or by title without words.

    One statement; a second one only where no word matches, for titles that look alike.
    """
    place = decode_cursor(cursor)
    parameters: dict[str, Any] = {"limit": limit + 1, "offset": place.offset}
    parameters |= {name: value for name, value in (("category", category), ("difficulty", difficulty)) if value}
    parameters |= {"search": search} if search else {}

    async def run(condition: str, order: str) -> Sequence[RowMapping]:
        statement = _statement(condition, order, category=category, difficulty=difficulty)
        return (await reader.execute(statement, parameters)).mappings().all()

    rows: Sequence[RowMapping] = []
    if not search:
        rows = await run("", "v.title, v.id")
    elif not place.is_alike:
        rows = await run(f"v.search @@ {QUERY}", f"ts_rank(v.search, {QUERY}) desc, v.title, v.id")
    is_alike = bool(search) and (place.is_alike or not (rows or place.offset))
    if is_alike:
        rows = await run(":search <% v.title", "word_similarity(:search, v.title) desc, v.title, v.id")
    following = Place(place.offset + limit, is_alike)
    has_more = len(rows) > limit and following.offset <= DEEPEST
    return rows[:limit], encode_cursor(following) if has_more else None

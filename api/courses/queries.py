"""The catalogue's statements: a benchmarked path, so Core on the read engine and no ORM objects."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.errors import ProblemError

COLUMNS = (
    "c.id, c.slug, v.title, v.summary, v.category, v.difficulty, v.language, v.duration_min,"
    " v.id as version_id, v.number as version_number"
)
PUBLISHED = "course_version v join course c on c.current_version_id = v.id"
DEEPEST = 10_000


class BadCursor(ProblemError):
    status = 422
    title = "The cursor is not one of ours"


def encode_cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"o{offset}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        offset = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().removeprefix("o"))
    except (ValueError, binascii.Error):
        raise BadCursor("Send `cursor` as an earlier answer gave it in `next`, or leave it out.") from None
    if not 0 <= offset <= DEEPEST:
        raise BadCursor(f"No more than {DEEPEST} courses are listed: narrow the search.")
    return offset


def _statement(condition: str, order: str, *, category: str, difficulty: str) -> TextClause:
    filters = [condition] if condition else []
    filters += ["v.category = :category"] if category else []
    filters += ["v.difficulty = :difficulty"] if difficulty else []
    where = f"where {' and '.join(filters)}" if filters else ""
    return text(f"select {COLUMNS} from {PUBLISHED} {where} order by {order} limit :limit offset :offset")  # noqa: S608 (our own words)


async def search_courses(
    reader: AsyncConnection, *, search: str, category: str, difficulty: str, limit: int, offset: int
) -> Sequence[RowMapping]:
    """Published courses by rank, or by title without words; where no word matches, titles that look alike."""
    parameters: dict[str, Any] = {"limit": limit, "offset": offset, "search": search}
    parameters |= {name: value for name, value in (("category", category), ("difficulty", difficulty)) if value}

    async def run(condition: str, order: str) -> Sequence[RowMapping]:
        statement = _statement(condition, order, category=category, difficulty=difficulty)
        used = {name: value for name, value in parameters.items() if f":{name}" in statement.text}
        return (await reader.execute(statement, used)).mappings().all()

    if not search:
        return await run("", "v.title, v.id")
    query = "websearch_to_tsquery('english', :search)"
    found = await run(f"v.search @@ {query}", f"ts_rank(v.search, {query}) desc, v.title, v.id")
    if found or offset:
        return found
    return await run(":search <% v.title", "word_similarity(:search, v.title) desc, v.title, v.id")

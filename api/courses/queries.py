"""The catalogue's statements: a benchmarked path, so Core on the read engine and no ORM objects.

A search ranks `MOST_RANKED` matches at most: of words that more courses have, the most taken courses are ranked first
and the others follow. So what an answer costs doesn't grow with the catalogue.
"""
# ruff: noqa: S608 (statements are put together of our own words, values are always bound)

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.courses.search_rules import DEEPEST, Asked, Place, Sort, decode_cursor, encode_cursor, meant_by, words_of

CARD = (
    "course_id as id, slug, title, summary, category, difficulty, language, duration_min, version_id, version_number,"
    " skills, published_at, learners, rating, rating_count, cover_id, cover_alt"
)
ORDERS: dict[Sort, str] = {
    "relevance": "title, course_id",
    "title": "title, course_id",
    "newest": "published_at desc, course_id",
    "rating": "rating_order desc, title, course_id",
    "popular": "place, title, course_id",
    "duration": "duration_min, title, course_id",
}
"""Each names every course apart, so that pages follow each other without a gap."""

FILTERS = {
    "category": "category = :category",
    "difficulty": "difficulty = :difficulty",
    "language": "language = :language",
    "skill": "skills @> array[cast(:skill as text)]",
    "max_minutes": "duration_min <= :max_minutes",
}
MOST_RANKED = 3000
MOST_ALIKE = 300
WINDOWS = (4_000, 32_000, 2_000_000_000)
"""How far down the most taken courses are looked through for words that more than MOST_RANKED of them have."""

ASKED = """
    asked as materialized (
        select catalogue_query(:stems, :words, :beginning, :without) as q,
            catalogue_query(:stems, concat_ws(' ', :words, :beginning), '', '') as whole
    )
"""
RANK = """
    3 * ts_rank(search, (select whole from asked)) + ts_rank(search, (select q from asked)) desc,
    place, title, course_id
"""
"""Whole words before words that only begin so."""

ALIKE = f"""
    alike as materialized (
        select * from course_search where :search <% names limit {MOST_ALIKE}
    )
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the catalogue. `meant` was searched for instead of what was asked, where no course has those words."""

    rows: Sequence[RowMapping]
    next: str | None
    meant: str = ""
    alike: bool = False


def conditions(asked: Asked) -> list[str]:
    return [told for name, told in FILTERS.items() if getattr(asked, name)]


def values(asked: Asked, stems: list[str], search: str | None = None) -> dict[str, Any]:
    told = words_of(asked.search if search is None else search)
    given = {name: getattr(asked, name) for name in FILTERS if getattr(asked, name)}
    return given | {"stems": stems, "words": told.words, "beginning": told.beginning, "without": told.without}


async def list_courses(reader: AsyncConnection, asked: Asked, stems: list[str]) -> Listed:
    """One statement; a second one for words that very many courses have, two more where no course has them."""
    place = decode_cursor(asked.cursor, asked.sort)
    if not asked.search:
        return _listed(await _walk(reader, asked, place), asked, place)
    if not place.is_alike:
        rows = await _search(reader, asked, stems, asked.search, place)
        if rows or place.offset or words_of(asked.search).without:
            return _listed(rows, asked, place)
    place = Place(place.offset, True, asked.sort)
    alike = text(f"with {ALIKE} select names from alike")
    names = (await reader.execute(alike, {"search": asked.search})).scalars().all()
    meant = meant_by(asked.search, list(names))
    if meant and (rows := await _search(reader, asked, stems, meant, place)):
        return _listed(rows, asked, place, meant)
    return _listed(await _alike(reader, asked, place) if names else [], asked, place)


def _listed(rows: Sequence[RowMapping], asked: Asked, place: Place, meant: str = "") -> Listed:
    following = Place(place.offset + asked.limit, place.is_alike, asked.sort)
    has_more = len(rows) > asked.limit and following.offset <= DEEPEST
    return Listed(rows[: asked.limit], encode_cursor(following) if has_more else None, meant, place.is_alike)


async def _run(reader: AsyncConnection, statement: str, given: dict[str, Any], place: Place, limit: int) -> Any:
    given = given | {"limit": limit + 1, "offset": place.offset}
    return (await reader.execute(text(statement), given)).mappings().all()


def _where(found: list[str]) -> str:
    return f"where {' and '.join(found)}" if found else ""


async def _walk(reader: AsyncConnection, asked: Asked, place: Place) -> Sequence[RowMapping]:
    where, given = _where(conditions(asked)), values(asked, [])
    statement = f"select {CARD} from course_search {where} order by {ORDERS[asked.sort]} limit :limit offset :offset"
    return await _run(reader, statement, _named(statement, given), place, asked.limit)


async def _search(
    reader: AsyncConnection, asked: Asked, stems: list[str], search: str, place: Place
) -> Sequence[RowMapping]:
    given = values(asked, stems, search)
    order = RANK if asked.sort == "relevance" else ORDERS[asked.sort]
    where = " and ".join(["s.search @@ (select q from asked)", *conditions(asked)])
    statement = f"""
        with {ASKED}, found as materialized (
            select * from course_search s where {where} limit {MOST_RANKED + 1}
        ), counted as (select count(*) as matches from found)
        select matches, page.* from counted left join lateral (
            select {CARD}, row_number() over (order by {order}) as nth from found
            where matches <= {MOST_RANKED} order by nth limit :limit offset :offset
        ) page on true order by page.nth
    """
    rows = await _run(reader, statement, given, place, asked.limit)
    if rows[0]["matches"] > MOST_RANKED:
        return await _search_common(reader, asked, given, place)
    return [] if rows[0]["id"] is None else list(rows)


async def _search_common(
    reader: AsyncConnection, asked: Asked, given: dict[str, Any], place: Place
) -> Sequence[RowMapping]:
    """Words of very many courses: the most taken ones, in windows until the page is full, each ranked in itself."""
    where = " and ".join(["(s.search @@ (select q from asked)) is true", *conditions(asked)])
    order = ORDERS[asked.sort]
    if asked.sort != "relevance":
        statement = f"""
            with {ASKED} select {CARD} from course_search s where {where} order by {order} limit :limit offset :offset
        """
        return await _run(reader, statement, given, place, asked.limit)
    rows: Sequence[RowMapping] = []
    for window in WINDOWS:
        statement = f"""
            with {ASKED}, found as materialized (
                select * from course_search s where s.place <= {window} and {where}
            )
            select {CARD} from found order by place > {WINDOWS[0]}, place > {WINDOWS[1]}, {RANK}
            limit :limit offset :offset
        """
        rows = await _run(reader, statement, given, place, asked.limit)
        if len(rows) > asked.limit:
            break
    return rows


async def _alike(reader: AsyncConnection, asked: Asked, place: Place) -> Sequence[RowMapping]:
    """Of some hundred whose title or skills look alike, the most alike first."""
    order = "word_similarity(:search, names) desc" if asked.sort == "relevance" else ORDERS[asked.sort]
    statement = f"""
        with {ALIKE} select {CARD} from alike {_where(conditions(asked))}
        order by {order}, title, course_id limit :limit offset :offset
    """
    return await _run(
        reader, statement, _named(statement, values(asked, []) | {"search": asked.search}), place, asked.limit
    )


def _named(statement: str, given: dict[str, Any]) -> dict[str, Any]:
    """Of these values those that the statement asks for."""
    return {name: value for name, value in given.items() if f":{name}" in statement}

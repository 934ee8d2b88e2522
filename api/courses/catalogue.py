"""The catalogue's answers, remembered in the process: they are the same for everybody.

An answer is good for as long as the catalogue's version is the same. The version is asked anew once a second at most,
and at once in the process that changed the catalogue. Cover links are signed for hours; no answer is kept for so long.
"""

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import selectinload

from api.core.settings import Settings
from api.courses import fresh
from api.courses.facets import count_facets
from api.courses.queries import list_courses
from api.courses.search_rules import Asked
from api.media.models import MediaAsset
from api.media.service import asset_links

FRESH_S = 1.0
LINKS_S = 600.0
MOST = 1000
STAMP = text("select count(*) || '-' || coalesce(max(id), 0) from catalogue_change")
STEMS = text(
    "select distinct stems from course_search union select distinct stems_of(language)::text from media_caption_text"
)


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    told: dict[str, Any]
    made_at: float = field(default_factory=time.monotonic)


class Catalogue:
    """One a process."""

    def __init__(self, engine: AsyncEngine, settings: Settings, media_key: bytes) -> None:
        self._engine, self._settings, self._key = engine, settings, media_key
        self._known: dict[Asked, Answer] = {}
        self._by_query: dict[bytes, Asked] = {}
        self._being_made: dict[Asked, asyncio.Task[Answer]] = {}
        self._stamp, self._stems = "", list[str]()
        self._checked_at, self._changes = 0.0, -1

    def remembered(self, query: bytes) -> Answer | None:
        """The answer to this query string, where it is known and still good."""
        asked = self._by_query.get(query)
        return self._good(asked) if asked else None

    async def find(self, asked: Asked, query: bytes = b"") -> Answer:
        """Who asks the same meanwhile waits for the same answer; `query` is how it was asked, to know it again."""
        asked = replace(asked, search=asked.search.strip())
        answer = self._good(asked) or await self._shared(asked)
        if query and asked in self._known:
            if len(self._by_query) >= 2 * MOST:
                self._by_query.clear()
            self._by_query[query] = asked
        return answer

    async def _shared(self, asked: Asked) -> Answer:
        task = self._being_made.get(asked)
        if task is None:
            task = self._being_made[asked] = asyncio.create_task(self._make(asked))
            task.add_done_callback(lambda _: self._being_made.pop(asked, None))
        return await asyncio.shield(task)

    def _good(self, asked: Asked) -> Answer | None:
        now = time.monotonic()
        if now - self._checked_at > FRESH_S or self._changes != fresh.changes():
            return None
        known = self._known.get(asked)
        return known if known and now - known.made_at < LINKS_S else None

    async def _make(self, asked: Asked) -> Answer:
        async with self._engine.connect() as reader:
            await self._check_version(reader)
            if known := self._good(asked):
                return known
            stamp = self._stamp
            answer = await self._read(reader, asked)
        if stamp == self._stamp:
            if len(self._known) >= MOST:
                self._known.clear()
                self._by_query.clear()
            self._known[asked] = answer
        return answer

    async def _check_version(self, reader: AsyncConnection) -> None:
        if time.monotonic() - self._checked_at <= FRESH_S and self._changes == fresh.changes():
            return
        changes = fresh.changes()
        stamp: str = (await reader.execute(STAMP)).scalar_one()
        if stamp != self._stamp:
            self._stems = list((await reader.execute(STEMS)).scalars())
            self._known.clear()
            self._by_query.clear()
            self._stamp = stamp
        self._checked_at, self._changes = time.monotonic(), changes

    async def _read(self, reader: AsyncConnection, asked: Asked) -> Answer:
        listed = await list_courses(reader, asked, self._stems)
        items = [{**row} for row in listed.rows]
        await self._add_covers(reader, items)
        told: dict[str, Any] = {"items": items, "next": listed.next, "meant": listed.meant or None}
        told |= {"alike": listed.alike, "total": None, "facets": None}
        if asked.facets:
            told |= await count_facets(reader, asked, self._stems, meant=listed.meant, alike=listed.alike)
        return Answer(msgspec.json.encode(told, enc_hook=str), told)

    async def _add_covers(self, reader: AsyncConnection, items: list[dict[str, Any]]) -> None:
        covers = {item["cover_id"] for item in items if item["cover_id"]}
        links: dict[Any, str | None] = {}
        if covers:
            statement = select(MediaAsset).where(MediaAsset.id.in_(covers)).options(selectinload(MediaAsset.object))
            async with AsyncSession(reader) as session:
                for asset in await session.scalars(statement):
                    links[asset.id] = asset_links(self._settings, self._key, asset)["url"]
        for item in items:
            cover, alt = item.pop("cover_id"), item.pop("cover_alt")
            item.pop("matches", None), item.pop("place", None)
            item["rating"] = item["rating"] and round(item["rating"], 1)
            item["cover"] = {"url": links[cover], "alt": alt} if links.get(cover) else None

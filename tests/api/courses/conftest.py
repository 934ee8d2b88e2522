"""Creators with headers, and what their pages call."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.factories import make_person

Headers = dict[str, str]
TEXT = {"kind": "text", "title": "Before you climb", "duration_s": 120, "body": "Check."}
QUIZ = {
    "kind": "quiz",
    "title": "Ready?",
    "questions": [{"prompt": "It wobbles.", "choices": [{"label": "Climb"}, {"label": "Stop", "is_correct": True}]}],
}
COURSE: dict[str, Any] = {
    "title": "Working at height",
    "summary": "Ladders and harnesses.",
    "category": "Safety",
    "difficulty": "beginner",
    "modules": [TEXT, QUIZ],
}
NOT_WRITTEN = {
    "version_id",
    "number",
    "slug",
    "state",
    "revision",
    "updated_at",
    "published_at",
    "publish_at",
    "publish_failure",
    "duration_min",
}
"""What the server says of a document beside what authors wrote."""


def written(document: dict[str, Any]) -> dict[str, Any]:
    """What authors wrote, without what the server gave: stems and item versions."""
    plain = {name: value for name, value in document.items() if name not in NOT_WRITTEN}
    modules = [{name: value for name, value in module.items() if name != "stem_id"} for module in plain["modules"]]
    for module in modules:
        module["questions"] = [
            {name: value for name, value in question.items() if name not in ("item_id", "item_version")}
            for question in module.get("questions", [])
        ]
    return plain | {"modules": modules}


@dataclass
class Author:
    """A creator, and shortcuts for what the studio calls."""

    client: httpx.AsyncClient
    headers: Headers
    person_id: uuid.UUID
    course_id: str = ""
    etag: str = ""
    document: dict[str, Any] = field(default_factory=dict)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.client.post(path, json=body, headers=self.headers)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.client.get(path, params=query, headers=self.headers)

    async def creates(self, **change: Any) -> dict[str, Any]:
        answer = await self.post("/create-course", **(COURSE | change))
        assert answer.status_code == 201, answer.text
        self.course_id = answer.json()["course_id"]
        return await self.opens(self.course_id)

    async def opens(self, course_id: str) -> dict[str, Any]:
        answer = await self.get("/course-draft", course_id=course_id)
        assert answer.status_code == 200, answer.text
        self.course_id, self.etag, self.document = course_id, answer.headers["etag"], answer.json()
        return self.document

    async def puts(self, document: dict[str, Any], if_match: str | None = None) -> httpx.Response:
        """As it is, with the ETag that was read last."""
        headers = self.headers | {"If-Match": self.etag if if_match is None else if_match}
        return await self.client.put("/update-course", json=document, headers=headers)

    async def saves(self, **change: Any) -> dict[str, Any]:
        answer = await self.puts(self.document | change)
        assert answer.status_code == 200, answer.text
        self.etag, self.document = answer.headers["etag"], answer.json()
        return self.document

    async def publishes(self, **more: Any) -> dict[str, Any]:
        answer = await self.post("/publish-course", course_id=self.course_id, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def begins(self) -> dict[str, Any]:
        answer = await self.post("/course-drafts", course_id=self.course_id)
        assert answer.is_success, answer.text
        self.etag, self.document = answer.headers["etag"], answer.json()
        return self.document


async def _author(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Headers], name: str
) -> Author:
    person = await make_person(committed, name)
    await committed.commit()
    return Author(api, token_for(person.id, "employee", "creator"), person.id)


@pytest.fixture
async def author(api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Headers]) -> Author:
    return await _author(api, committed, token_for, "Cleo Ray")


@pytest.fixture
async def other(api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Headers]) -> Author:
    """Another creator, who is no co-author of anything unless a test says so."""
    return await _author(api, committed, token_for, "Sam Strange")

"""Creators with headers, and what their pages call."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import text
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


class Learner(Author):
    """Somebody in the author's course."""

    async def enrolls(self, course_id: str) -> httpx.Response:
        self.course_id = course_id
        return await self.post("/enroll", course_id=course_id)

    async def content(self) -> dict[str, Any]:
        answer = await self.get("/course-content", course_id=self.course_id)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def does(self, *titles: str, right: bool = True) -> dict[str, Any]:
        """These modules of the version that they are in, a quiz by answering it."""
        told: dict[str, Any] = {}
        for module in (await self.content())["modules"]:
            if module["title"] not in titles:
                continue
            sent: dict[str, Any] = {"course_id": self.course_id, "module_id": module["id"], "percent": 100}
            if module["kind"] == "quiz":
                answers = [
                    {
                        "question_id": question["id"],
                        "choice_ids": [one["id"] for one in question["choices"] if (one["label"] == "Stop") == right][
                            :1
                        ],
                    }
                    for question in module["questions"]
                ]
                sent["attempt"] = {"id": str(uuid.uuid4()), "answers": answers}
            answer = await self.post("/progress", **sent)
            assert answer.status_code == 200, answer.text
            told = answer.json()
        return told

    async def state(self) -> dict[str, Any]:
        items = (await self.get("/progress", course_id=self.course_id)).json()["items"]
        return dict(items[0])


MakeLearner = Callable[..., Any]


@pytest.fixture
async def learner_of(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Headers]
) -> Callable[..., Any]:
    """`await learner_of(course_id)`: enrolled."""

    async def make(course_id: str) -> Learner:
        person = await make_person(committed, "Lea Learner")
        await committed.commit()
        learner = Learner(api, token_for(person.id, "employee"), person.id)
        assert (await learner.enrolls(course_id)).status_code == 201
        return learner

    return make


async def facts(session: AsyncSession, subject: uuid.UUID | str) -> list[str]:
    statement = text("select type from event where subject_id = :s order by recorded_at, id")
    return list((await session.execute(statement, {"s": uuid.UUID(str(subject))})).scalars())


async def second_version(author: Author, **change: Any) -> dict[str, Any]:
    """A draft with these changes to the newest version."""
    await author.begins()
    return await author.saves(**change)


async def impact(author: Author) -> dict[str, Any]:
    return dict((await author.get("/publish-preview", course_id=author.course_id)).json()["impact"])


def with_prompt(document: dict[str, Any], prompt: str) -> list[dict[str, Any]]:
    text_module, quiz = document["modules"][:2]
    return [text_module, quiz | {"questions": [quiz["questions"][0] | {"prompt": prompt}]}]

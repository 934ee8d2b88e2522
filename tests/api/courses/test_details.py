"""What anybody may know of a published course, remembered, and forgotten in time."""

import asyncio
import time
import uuid

from api.core.settings import Settings
from api.courses.details import FRESH_S
from tests.api.courses.conftest import TEXT, Author


async def test_a_published_course_tells_its_outline_and_nothing_of_its_answers(author: Author, other: Author) -> None:
    await author.creates(title="The basics")
    await author.publishes()
    basics = author.course_id
    section = {"id": str(uuid.uuid4()), "title": "On the ground"}
    await author.creates(description="**Bold** <i>", prerequisites=[basics], sections=[section], skills=["Ladders"])
    missing = await other.get(f"/courses/{author.course_id}")
    assert missing.status_code == 404
    reading, quiz = author.document["modules"]
    await author.saves(modules=[reading | {"section_id": section["id"]}, quiz])
    await author.publishes()
    answer = await other.get(f"/courses/{author.course_id}")
    told = answer.json()
    assert told["description_html"].strip() == "<p><strong>Bold</strong> &lt;i&gt;</p>"
    assert [(one["title"], one["kind"], one["section_id"]) for one in told["modules"]] == [
        ("Before you climb", "text", section["id"]),
        ("Ready?", "quiz", None),
    ]
    assert [one["title"] for one in told["prerequisites"]] == ["The basics"]
    assert "correct" not in answer.text
    assert "Check." not in answer.text


async def test_what_has_not_changed_is_a_304_and_what_has_is_seen_soon(author: Author, settings: Settings) -> None:
    await author.creates()
    await author.publishes()
    path = f"/courses/{author.course_id}"
    first = await author.get(path)
    etag = first.headers["etag"]
    known = await author.client.get(path, headers=author.headers | {"If-None-Match": etag})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)
    await author.begins()
    await author.saves(title="Renamed", modules=[TEXT])
    assert (await author.get(path)).json()["title"] == first.json()["title"]
    await author.publishes()
    began = time.monotonic()
    for _ in range(100):
        told = (await author.get(path)).json()
        if told["title"] == "Renamed":
            break
        await asyncio.sleep(0.05)
    assert time.monotonic() - began < 2 * FRESH_S
    assert told["version_number"] == 2
    await author.post("/archive-course", course_id=author.course_id)
    await asyncio.sleep(FRESH_S)
    assert (await author.get(path)).status_code == 404

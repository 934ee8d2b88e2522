"""A course's versions later on: taken out, archived, restored, compared, scheduled."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.core.settings import Settings
from api.learning.tasks import publish_scheduled
from tests.api.courses.conftest import (
    QUIZ,
    TEXT,
    Author,
    MakeLearner,
    facts,
    impact,
    with_prompt,
    written,
)


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[Context]:
    engine = make_engine(settings.database_url, pool_size=1)
    yield Context(settings, make_sessions(engine))
    await engine.dispose()


async def test_unpublished_nobody_begins_but_learners_go_on_and_it_comes_back(
    author: Author, other: Author, learner_of: MakeLearner
) -> None:
    await author.creates(title=(title := f"Gone {uuid.uuid4().hex}"))
    await author.publishes()
    learner = await learner_of(author.course_id)
    for _ in range(2):
        answer = await author.post("/unpublish-course", course_id=author.course_id)
        assert (answer.status_code, answer.json()["state"]) == (200, "unpublished")
    assert (await author.get("/courses", search=title)).json()["items"] == []
    late = await other.post("/enroll", course_id=author.course_id)
    assert (late.status_code, late.json()["title"]) == (409, "Enrollment is closed")
    assert (await learner.does("Before you climb", "Ready?"))["completed_at"]
    for _ in range(2):
        assert (await author.post("/restore-course", course_id=author.course_id)).json()["state"] == "published"
    assert (await other.post("/enroll", course_id=author.course_id)).status_code == 201


async def test_archived_it_is_closed_for_writing_and_restored_as_it_was(author: Author, other: Author) -> None:
    await author.creates(title=(title := f"Old {uuid.uuid4().hex}"))
    await author.publishes()
    for _ in range(2):
        assert (await author.post("/archive-course", course_id=author.course_id)).json()["state"] == "archived"
    assert (await author.get("/courses", search=title)).json()["items"] == []
    assert (await other.post("/enroll", course_id=author.course_id)).status_code == 409
    for path in ("/course-drafts", "/publish-course"):
        assert (await author.post(path, course_id=author.course_id)).status_code == 409
    listed = (await author.get("/authored-courses", search=title)).json()["items"]
    assert [one["state"] for one in listed] == ["archived"]
    for _ in range(2):
        assert (await author.post("/restore-course", course_id=author.course_id)).json()["state"] == "published"
    assert len((await author.get("/courses", search=title)).json()["items"]) == 1


async def test_an_old_version_becomes_the_draft_again(author: Author) -> None:
    first = await author.creates(sections=[{"id": str(uuid.uuid4()), "title": "One"}])
    await author.publishes()
    draft = await author.begins()
    await author.saves(title="Second", modules=with_prompt(draft, "Other?")[1:])
    body = {"course_id": author.course_id, "version_id": first["version_id"]}
    restored = (await author.post("/restore-course", **body)).json()
    again = (await author.post("/restore-course", **body)).json()
    assert restored == again
    assert (restored["number"], restored["title"], restored["state"]) == (2, first["title"], "draft")
    for old, new in zip(first["modules"], restored["modules"], strict=True):
        assert (old["stem_id"], old["body"]) == (new["stem_id"], new["body"])
        assert [q["item_id"] for q in old["questions"]] == [q["item_id"] for q in new["questions"]]
    assert (await impact(author))["changes"] == []
    await author.publishes()
    third = (await author.post("/restore-course", **body)).json()
    assert (third["number"], third["state"]) == (3, "draft")
    foreign = await author.post("/restore-course", course_id=author.course_id, version_id=str(uuid.uuid4()))
    assert foreign.status_code == 404


async def test_two_versions_are_told_apart_field_by_field(author: Author) -> None:
    await author.creates(description="One\nTwo\nThree", modules=[TEXT, QUIZ, TEXT | {"title": "Gone"}])
    await author.publishes()
    draft = await author.begins()
    quiz, first = draft["modules"][1], draft["modules"][0]
    question = quiz["questions"][0] | {"feedback": "Because."}
    added = {"prompt": "New?", "choices": [{"label": "a", "is_correct": True}, {"label": "b"}]}
    await author.saves(
        description="One\n2\nThree",
        modules=[
            quiz | {"questions": [question, added]},
            first,
            {"kind": "link", "title": "L", "url": "https://a.example"},
        ],
    )
    told = (await author.get("/course-diff", course_id=author.course_id)).json()
    assert (told["from_number"], told["to_number"], told["is_material"]) == (1, 2, True)
    assert [line["op"] + line["text"] for line in told["fields"][0]["lines"]] == [" One", "-Two", "+2", " Three"]
    found = {m["title"]: m["change"] for m in told["modules"]}
    assert (found["L"], found["Gone"], found["Ready?"]) == ("added", "removed", "changed")
    assert [m["is_moved"] for m in told["modules"]].count(True) == 1
    questions = next(m for m in told["modules"] if m["title"] == "Ready?")["questions"]
    assert [(q["change"], q["prompt"]) for q in questions] == [("changed", "It wobbles."), ("added", "New?")]
    assert [field["name"] for field in questions[0]["fields"]] == ["feedback"]
    ids = {name: told[f"{name}_version_id"] for name in ("from", "to")}
    assert (await author.get("/course-diff", course_id=author.course_id, **ids)).json() == told


async def test_the_versions_are_listed_with_what_publishing_them_did(author: Author, learner_of: MakeLearner) -> None:
    await author.creates()
    await author.publishes(notes="The first.")
    await learner_of(author.course_id)
    draft = await author.begins()
    await author.saves(modules=with_prompt(draft, "Other?"))
    await author.publishes(learners="move", notes="A better question.")
    await author.begins()
    items = (await author.get("/course-versions", course_id=author.course_id)).json()["items"]
    assert [(one["number"], one["state"], one["notes"], one["moved"]) for one in items] == [
        (3, "draft", "", None),
        (2, "published", "A better question.", 1),
        (1, "superseded", "The first.", None),
    ]
    assert items[1]["changes"][0]["what"] == "questions"


async def due(author: Author, worker: Context, at: datetime) -> dict[str, Any]:
    """What the worker does at that moment, and the draft after it."""
    version_id = author.document["version_id"]
    for _ in range(2):
        await publish_scheduled(worker, version_id=version_id, publish_at=at.isoformat())
    return await author.opens(author.course_id)


async def test_a_scheduled_version_is_published_at_its_moment_once(
    author: Author, worker: Context, committed: AsyncSession
) -> None:
    await author.creates()
    at = datetime.now(UTC) + timedelta(hours=1)
    for _ in range(2):
        told = await author.publishes(publish_at=at.isoformat(), notes="Soon.")
        assert (told["state"], told["published_at"]) == ("scheduled", None)
    jobs = "select scheduled_at from procrastinate_jobs where args ->> 'version_id' = :v"
    assert list((await committed.execute(text(jobs), {"v": told["version_id"]})).scalars()) == [at]
    await author.opens(author.course_id)
    await author.saves(summary="Edited while scheduled.")
    assert (await due(author, worker, at + timedelta(minutes=1)))["state"] == "scheduled"
    published = await due(author, worker, at)
    told = (published["state"], published["notes"], published["summary"])
    assert told == ("published", "Soon.", "Edited while scheduled.")
    assert (await facts(committed, author.course_id)).count("courses.course_published") == 1


async def test_a_scheduled_version_that_is_not_ready_any_more_says_why(author: Author, worker: Context) -> None:
    await author.creates()
    at = datetime.now(UTC) + timedelta(hours=1)
    await author.publishes(publish_at=at.isoformat())
    await author.opens(author.course_id)
    await author.saves(modules=[])
    draft = await due(author, worker, at)
    assert draft["state"] == "draft"
    assert "no module yet" in draft["publish_failure"]
    await author.saves(modules=[TEXT])
    assert author.document["publish_failure"] is None


async def test_a_schedule_is_called_off_and_set_anew(author: Author, worker: Context) -> None:
    await author.creates()
    at = datetime.now(UTC) + timedelta(hours=1)
    await author.publishes(publish_at=at.isoformat())
    for _ in range(2):
        answer = await author.post("/unpublish-course", course_id=author.course_id, is_schedule_only=True)
        assert answer.json()["state"] == "draft"
    assert (await due(author, worker, at))["state"] == "draft"
    past = datetime.now(UTC) - timedelta(seconds=1)
    refused = await author.post("/publish-course", course_id=author.course_id, publish_at=past.isoformat())
    assert refused.status_code == 422
    unready = await author.saves(modules=[])
    later = await author.post("/publish-course", course_id=author.course_id, publish_at=at.isoformat())
    assert (later.status_code, unready["state"]) == (409, "draft")


async def test_what_comes_first_is_named_and_asked_for(author: Author, learner_of: MakeLearner) -> None:
    await author.creates(title="The basics")
    await author.publishes()
    basics = author.course_id
    await author.creates(prerequisites=[basics])
    await author.publishes()
    advanced = author.course_id
    learner = await learner_of(basics)
    refused = await learner.post("/enroll", course_id=advanced)
    assert (refused.status_code, refused.json()["missing"]) == (409, [{"course_id": basics, "title": "The basics"}])
    assert "The basics" in refused.json()["detail"]
    await learner.does("Before you climb", "Ready?")
    assert (await learner.post("/enroll", course_id=advanced)).status_code == 201


async def test_the_list_of_the_studio_has_own_and_shared_courses(
    author: Author, other: Author, learner_of: MakeLearner
) -> None:
    await author.creates(title=(title := f"List {uuid.uuid4().hex}%_"))
    await author.publishes()
    await learner_of(author.course_id)
    await author.begins()
    (item,) = (await author.get("/authored-courses", search=title)).json()["items"]
    assert {name: item[name] for name in ("state", "has_draft", "is_owner", "learner_count", "title")} == {
        "state": "published",
        "has_draft": True,
        "is_owner": True,
        "learner_count": 1,
        "title": title,
    }
    assert (await other.get("/authored-courses", search=title)).json()["items"] == []
    assert (await author.get("/authored-courses", search="%")).json()["items"][0]["title"] == title


@pytest.mark.parametrize("path", ["/publish-course", "/unpublish-course", "/archive-course", "/restore-course"])
async def test_only_authors_decide_on_a_course(author: Author, other: Author, path: str) -> None:
    before = await author.creates()
    assert (await other.post(path, course_id=author.course_id)).status_code == 403
    assert (await other.post(path, course_id=str(uuid.uuid4()))).status_code == 404
    assert written(await author.opens(author.course_id)) == written(before)

"""Publishing at a moment that an author named."""

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
from tests.api.courses.conftest import TEXT, Author


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[Context]:
    engine = make_engine(settings.database_url, pool_size=1)
    yield Context(settings, make_sessions(engine))
    await engine.dispose()


async def facts(session: AsyncSession, subject: uuid.UUID | str) -> list[str]:
    statement = text("select type from event where subject_id = :s order by recorded_at, id")
    return list((await session.execute(statement, {"s": uuid.UUID(str(subject))})).scalars())


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

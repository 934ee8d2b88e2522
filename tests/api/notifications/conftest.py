"""A company in which somebody has to learn something, and what was told to whom."""

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from api.core.db import make_engine, make_sessions
from api.core.settings import Settings
from api.notifications.delivery import deliver
from api.notifications.derive import derive
from api.notifications.reminders import remind

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A Wednesday."""


@dataclass
class News:
    """Each call is a run of the worker's job."""

    sessions: async_sessionmaker[AsyncSession]
    settings: Settings

    async def derive(self) -> int:
        async with self.sessions.begin() as session:
            return await derive(session)

    async def remind(self, now: datetime) -> int:
        async with self.sessions.begin() as session:
            return await remind(session, default_zone="Europe/Berlin", now=now)

    async def deliver(self, url: str = "", *, now: datetime = NOON, **given: Any) -> int:
        settings = self.settings.model_copy(update={"smtp_url": url, "public_url": "https://learn.example.com"} | given)
        return await deliver(settings, self.sessions, now=now)

    async def execute(self, statement: str, **values: Any) -> None:
        async with self.sessions.begin() as session:
            await session.execute(text(statement), values)

    async def of(self, person_id: uuid.UUID) -> list[dict[str, Any]]:
        async with self.sessions() as session:
            asked = text("select * from notification where person_id = :person order by id")
            return [dict(row) for row in (await session.execute(asked, {"person": person_id})).mappings()]

    async def kinds(self, person_id: uuid.UUID) -> list[str]:
        return [row["kind"] for row in await self.of(person_id)]

    async def mails(self, person_id: uuid.UUID) -> list[str]:
        return [row["mail"] for row in await self.of(person_id)]

    async def tell(self, person_id: uuid.UUID, *kinds: str, at: datetime = NOON, **facts: Any) -> None:
        """Notifications as if they had been derived at that moment."""
        facts = {"course_id": str(uuid.uuid4()), "title": "Safe data"} | facts
        for kind in kinds:
            await self.execute(
                "insert into notification (person_id, kind, subject, facts, occurred_at, created_at, mail_at)"
                " values (:person, :kind, :subject, cast(:facts as jsonb), :at, :at, :at)",
                person=person_id,
                kind=kind,
                subject=str(uuid.uuid4()),
                facts=json.dumps(facts, default=str),
                at=at,
            )


@pytest.fixture
async def news(database_url: str, settings: Settings) -> AsyncIterator[News]:
    """What an earlier test left waiting or required is out of the way."""
    engine = make_engine(database_url, pool_size=4)
    found = News(make_sessions(engine), settings)
    await found.execute("update notification set mail = 'moot' where mail = 'waiting'")
    await found.execute("update requirement set superseded_at = now() where superseded_at is null")
    yield found
    await engine.dispose()

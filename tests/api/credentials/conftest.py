"""Somebody who finishes a course whose certificates end, an officer of theirs, and time that tests move."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.courses.models import Course, Module
from api.learning.schemas import ProgressIn
from api.learning.service import enroll, record_progress
from tests.factories import make_course, make_org_unit, make_person, modules_of

MONTHS = 12
NAME = "Zoë Żółć"


@dataclass
class Holder:
    """The learner over HTTP as now, and by the services as at any moment."""

    client: httpx.AsyncClient
    session: AsyncSession
    settings: Settings
    headers: dict[str, str]
    officer: dict[str, str]
    person_id: uuid.UUID
    course: Course
    module: Module

    async def finishes(self, at: datetime) -> str:
        """Enrols and does all at that moment; the certificate's code."""
        await enroll(self.session, person_id=self.person_id, course_id=self.course.id, now=at)
        sent = ProgressIn(course_id=self.course.id, module_id=self.module.id, percent=100)
        done = await record_progress(self.session, person_id=self.person_id, sent=sent, now=at)
        await self.session.commit()
        assert done.certificate_code
        return done.certificate_code

    async def told(self, code: str) -> dict[str, Any]:
        return (await self.client.get(f"/certificates/{code}")).json()

    async def mine(self, path: str, **params: str) -> httpx.Response:
        return await self.client.get(path, params=params, headers=self.headers)

    async def revoked(self, code: str, reason: str = "The exam was sat by somebody else.") -> httpx.Response:
        body = {"code": code, "reason": reason}
        return await self.client.post("/revoke-certificate", json=body, headers=self.officer)

    async def facts(self, kind: str) -> list[dict[str, Any]]:
        statement = text("select payload from event where subject_id = :p and type = :kind order by recorded_at, id")
        return list((await self.session.execute(statement, {"p": self.person_id, "kind": kind})).scalars())


@pytest.fixture
async def holder(
    api: httpx.AsyncClient,
    committed: AsyncSession,
    settings: Settings,
    token_for: Callable[..., dict[str, str]],
) -> Holder:
    unit = await make_org_unit(committed, f"Unit {uuid.uuid4()}")
    person = await make_person(committed, NAME, org_unit=unit)
    officer = await make_person(committed, "Olga Officer", roles=("officer",))
    reading = Module(position=1, kind="text", title="Text", duration_s=60, body="Read.")
    course = await make_course(committed, officer, "Fire safety", modules=[reading])
    course.certificate_valid_months = MONTHS
    (module,) = await modules_of(committed, course)
    await committed.commit()
    as_officer = token_for(officer.id, "employee", "officer")
    return Holder(api, committed, settings, token_for(person.id), as_officer, person.id, course, module)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)

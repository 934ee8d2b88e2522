"""The narrow path: what is answered is committed, once, and only for one's own enrollment."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.factories import make_course, make_enrollment, make_person, modules_of

Event = dict[str, object]


@pytest.fixture
async def mine(committed: AsyncSession, token_for: Callable[..., dict[str, str]]) -> tuple[dict[str, str], Event]:
    """(headers, the event without its id) of a person who is enrolled."""
    person = await make_person(committed)
    course = await make_course(committed, person)
    enrollment = await make_enrollment(committed, person, course)
    modules = await modules_of(committed, course)
    await committed.commit()
    event = {
        "kind": "video_played",
        "enrollment_id": str(enrollment.id),
        "module_id": str(modules[0].id),
        "occurred_at": datetime.now(UTC).isoformat(),
        "from_s": 0,
        "to_s": 15,
    }
    return token_for(person.id), event


async def stored(session: AsyncSession, enrollment_id: object) -> int:
    await session.rollback()
    statement = text("select count(*) from event where payload ->> 'enrollment_id' = :e")
    return (await session.execute(statement, {"e": enrollment_id})).scalar_one()


async def test_the_same_event_twice_is_kept_once(api: httpx.AsyncClient, committed: AsyncSession, mine: tuple) -> None:
    headers, event = mine
    body = {"events": [event | {"id": str(uuid.uuid4())}] * 2}
    for _ in range(2):
        assert (await api.post("/engagement", json=body, headers=headers)).json() == {"stored": 2}
    assert await stored(committed, event["enrollment_id"]) == 1


async def test_many_requests_at_once_are_all_kept(api: httpx.AsyncClient, committed: AsyncSession, mine: tuple) -> None:
    headers, event = mine
    bodies = [{"events": [event | {"id": str(uuid.uuid4())} for _ in range(7)]} for _ in range(60)]
    answers = await asyncio.gather(*(api.post("/engagement", json=body, headers=headers) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert await stored(committed, event["enrollment_id"]) == 420


async def test_somebody_elses_enrollment_is_refused(
    api: httpx.AsyncClient, committed: AsyncSession, mine: tuple, token_for: Callable[..., dict[str, str]]
) -> None:
    _, event = mine
    other = await make_person(committed)
    await committed.commit()
    body = {"events": [event | {"id": str(uuid.uuid4())}]}
    answer = await api.post("/engagement", json=body, headers=token_for(other.id))
    assert answer.status_code == 422
    assert "enrol first" in answer.json()["detail"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "hacked"},
        {"id": "no uuid"},
        {"from_s": 20},
        {"rate": -1},
        {"surprise": 1},
        {"occurred_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
        {"occurred_at": (datetime.now(UTC) - timedelta(days=99)).isoformat()},
        {"occurred_at": "2026-01-01T00:00:00"},
        {"module_id": str(uuid.uuid4())},
    ],
)
async def test_a_bad_event_is_refused_with_its_place(api: httpx.AsyncClient, mine: tuple, change: Event) -> None:
    headers, event = mine
    answer = await api.post(
        "/engagement", json={"events": [event | {"id": str(uuid.uuid4())} | change]}, headers=headers
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("body", "status"), [(b"", 422), (b"[]", 422), (b'{"events":[]}', 422), (b"x" * 600_000, 413)])
async def test_a_body_that_is_no_list_of_events_is_refused(
    api: httpx.AsyncClient, mine: tuple, body: bytes, status: int
) -> None:
    answer = await api.post("/engagement", content=body, headers=mine[0])
    assert answer.status_code == status

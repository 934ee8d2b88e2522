"""The fast lanes do what the ordinary way does: the same story by both leaves the same states and the same facts."""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.models import Module
from api.learning import lanes
from tests.factories import make_course, make_person, make_quiz, modules_of

FACTS = text(
    """
    select type, occurred_at, payload - 'enrollment_id' as payload, actor_id = subject_id as by_self from event
    where subject_id = :person order by xid, id
    """
)
STATE = text(
    """
    select e.version_id, e.progress_percent, e.completed_at is not null as is_done, e.last_activity_at, m.position,
        p.percent, p.position_s, p.updated_at, p.completed_at is not null as step_done
    from enrollment e join module_progress p on p.enrollment_id = e.id join module m on m.id = p.module_id
    where e.person_id = :person order by m.position
    """
)


def _steps() -> list[Module]:
    texts = [Module(position=n, kind="text", title="Read", duration_s=60, body="Read.") for n in (1, 2, 3)]
    return [*texts, make_quiz(4), Module(position=5, kind="link", title="Go", duration_s=60, url="https://a.example")]


def _story(steps: list[Module]) -> list[dict[str, Any]]:
    """Out of order, doubled, back and forth, with and without a moment; the quiz is left alone, so nothing ends it."""
    chance, now = random.Random(5), datetime.now(UTC)
    told = [
        {
            "module_id": str(steps[chance.choice((0, 1, 2, 4))].id),
            "percent": chance.choice((0, 10, 40, 99, 100)),
            **({"position_s": chance.random() * 60} if chance.random() < 0.5 else {}),
            "occurred_at": (now + timedelta(seconds=chance.randint(-900, -1))).isoformat(),
        }
        for _ in range(30)
    ]
    return told + told[:5]


async def test_the_same_story_by_the_fast_lane_and_by_the_ordinary_way_ends_the_same(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]], monkeypatch: Any
) -> None:
    async with committed:
        owner = await make_person(committed, "Owner")
        people = [(await make_person(committed, name)).id for name in ("Fast", "Ordinary")]
        course = await make_course(committed, owner, modules=_steps())
        steps = await modules_of(committed, course)
        await committed.commit()
        story = _story(steps)
        answers: list[list[Any]] = []
        for person_id, is_fast in zip(people, (True, False), strict=True):
            if not is_fast:
                monkeypatch.setattr(lanes, "_asked", _not_plain)
            headers = token_for(person_id)
            said = [await api.post("/enroll", json={"course_id": str(course.id)}, headers=headers) for _ in (1, 2)]
            assert [answer.status_code for answer in said] == [201, 200]
            for one in story:
                said.append(await api.post("/progress", json={"course_id": str(course.id), **one}, headers=headers))
                assert said[-1].status_code == 200, said[-1].text
            answers.append([_plain(answer.json()) for answer in said])
        assert answers[0] == answers[1]
        states = [(await committed.execute(STATE, {"person": one})).mappings().all() for one in people]
        assert states[0] == states[1]
        facts = [[_fact(row) for row in await committed.execute(FACTS, {"person": one})] for one in people]
        assert facts[0] == facts[1]
        assert len(facts[0]) > 5


async def _not_plain(*_: Any) -> None:
    return None


def _fact(row: Any) -> Any:
    return row.type, row.payload, row.by_self, None if row.type == "learning.enrolled" else row.occurred_at


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """Without ids of a person's own and the clock."""
    module = told.get("module", {})
    return {
        **{name: value for name, value in told.items() if name not in ("id", "enrollment_id", "enrolled_at", "module")},
        "module": {name: value for name, value in module.items() if name != "completed_at"},
        "is_step_done": module.get("completed_at") is not None,
    }


async def test_whatever_is_not_plain_is_told_by_the_ordinary_way(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]
) -> None:
    async with committed:
        owner, learner = [await make_person(committed, name) for name in ("Owner", "Learner")]
        draft = await make_course(committed, owner, is_published=False)
        await committed.commit()
        headers = token_for(learner.id)
        for path in ("/enroll", "/progress"):
            assert (await api.post(path, json={}, headers=headers)).status_code == 422
            assert (await api.post(path, content=b"{", headers=headers)).status_code == 422
            ids = {"course_id": str(draft.id), "module_id": str(uuid.uuid4())}
            assert (await api.post(path, json=ids)).status_code == 401
            problem = await api.post(path, json=ids, headers=headers)
            assert problem.status_code in (404, 409)
            assert problem.headers["content-type"] == "application/problem+json"

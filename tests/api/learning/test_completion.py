"""What finishes a course: all, enough weight, or a score; and videos that were really watched."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.models import CourseVersion, Module
from api.learning.completion_rules import Rule, Step, is_finished
from tests.factories import make_course, make_person, make_quiz, modules_of


def steps(*told: tuple[str, int, bool, int | None]) -> list[Step]:
    return [Step(kind, weight, 100 if is_done else 0, is_done, score) for kind, weight, is_done, score in told]


@pytest.mark.parametrize(
    ("rule", "told", "finished"),
    [
        (Rule(), [("text", 1, True, None), ("quiz", 1, True, 90)], True),
        (Rule(), [("text", 1, True, None), ("quiz", 1, False, 70)], False),
        (Rule(), [], False),
        (Rule("weighted", 80), [("text", 8, True, None), ("quiz", 2, False, None)], True),
        (Rule("weighted", 81), [("text", 8, True, None), ("quiz", 2, False, None)], False),
        (Rule("weighted"), [("text", 8, True, None), ("link", 0, False, None)], True),
        (Rule("weighted", 50), [("text", 0, True, None)], False),
        (Rule("minimum_score", 70), [("text", 1, False, None), ("quiz", 1, False, 60), ("quiz", 1, True, 80)], True),
        (Rule("minimum_score", 71), [("quiz", 1, False, 60), ("quiz", 1, True, 80)], False),
        (Rule("minimum_score", 50), [("quiz", 1, True, 100), ("quiz", 1, False, None)], True),
        (Rule("minimum_score", 51), [("quiz", 1, True, 100), ("quiz", 1, False, None)], False),
        (Rule("minimum_score", 1), [("text", 1, True, None)], False),
    ],
)
def test_the_rule_decides(rule: Rule, told: list[tuple[str, int, bool, int | None]], finished: bool) -> None:
    assert is_finished(rule, steps(*told)) is finished


class Person:
    """In a course with this rule and these modules."""

    def __init__(self, api: httpx.AsyncClient, headers: dict[str, str], course_id: uuid.UUID, ids: list[str]) -> None:
        self.api, self.headers, self.course_id, self.ids = api, headers, str(course_id), ids
        self.enrollment = ""

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.api.post(path, json=body, headers=self.headers)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def does(self, at: int, percent: int = 100, **more: Any) -> dict[str, Any]:
        return await self.post("/progress", course_id=self.course_id, module_id=self.ids[at], percent=percent, **more)

    async def plays(self, at: int, session_id: str, *spans: tuple[float, float]) -> None:
        moment = datetime.now(UTC).isoformat()
        ids = {"enrollment_id": self.enrollment, "module_id": self.ids[at], "session_id": session_id}
        ids |= {"kind": "video_played", "occurred_at": moment}
        played = [{"id": str(uuid.uuid4()), **ids, "from_s": a, "to_s": b} for a, b in spans]
        await self.post("/engagement", events=played)


@pytest.fixture
async def person_in(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]
) -> Callable[..., Any]:
    async def make(completion: dict[str, Any], *modules: Module) -> Person:
        person = await make_person(committed)
        course = await make_course(committed, person, modules=list(modules), is_published=False)
        version = (await modules_of(committed, course))[0].version_id
        row = await committed.get_one(CourseVersion, version)
        row.completion = completion
        await committed.flush()
        row.published_at = datetime.now(UTC)
        course.current_version_id = version
        ids = [str(one.id) for one in await modules_of(committed, course)]
        await committed.commit()
        found = Person(api, token_for(person.id), course.id, ids)
        found.enrollment = (await found.post("/enroll", course_id=found.course_id))["id"]
        return found

    return make


def page(position: int, kind: str = "text", weight: int = 1) -> Module:
    return Module(position=position, kind=kind, title=f"{kind} {position}", duration_s=60, body="Read.", weight=weight)


async def test_by_weight_the_course_is_finished_once_enough_is_done(person_in: Callable[..., Any]) -> None:
    person = await person_in(
        {"rule": "weighted", "minimum_percent": 75}, page(1, weight=3), page(2, weight=5), page(3, weight=2)
    )
    assert (await person.does(0, 50))["progress_percent"] == 15
    assert (await person.does(1))["completed_at"] is None
    done = await person.does(0)
    assert (done["progress_percent"], bool(done["completed_at"]), bool(done["certificate_code"])) == (100, True, True)
    assert (await person.does(2, 50))["progress_percent"] == 100


async def test_by_score_the_quizzes_alone_decide(person_in: Callable[..., Any]) -> None:
    person = await person_in({"rule": "minimum_score", "minimum_percent": 60}, page(1), make_quiz(2))
    assert (await person.does(0))["completed_at"] is None
    content = (await person.api.get(f"/course-content?course_id={person.course_id}", headers=person.headers)).json()
    question = content["modules"][1]["questions"][0]
    right = next(choice["id"] for choice in question["choices"] if choice["label"] == "Answer 1")
    answers = [{"question_id": question["id"], "choice_ids": [right]}]
    done = await person.does(1, attempt={"id": str(uuid.uuid4()), "answers": answers})
    assert (done["completed_at"] is not None, done["score_percent"]) == (True, 100)


@pytest.mark.parametrize(("minimum", "enough"), [({}, 56), ({"minimum_watch_percent": 50}, 29)])
async def test_a_claim_to_have_seen_a_video_is_checked_against_what_was_played(
    person_in: Callable[..., Any], committed: AsyncSession, minimum: dict[str, int], enough: int
) -> None:
    person = await person_in({"rule": "all", **minimum}, page(1, "video"))
    claimed = await person.does(0)
    assert (claimed["module"]["percent"], claimed["completed_at"]) == (0, None)
    begun = await person.post("/play-sessions", course_id=person.course_id, module_id=person.ids[0])
    ago = text("update play_session set started_at = started_at - interval '1 hour' where id = :id")
    await committed.execute(ago, {"id": begun["id"]})
    await committed.commit()
    await person.plays(0, begun["id"], (0, 10), (5, 15), (0, 10), (12.5, 20))
    assert (await person.does(0))["module"]["percent"] == 33
    await person.plays(0, begun["id"], (20, enough - 2))
    assert (await person.does(0))["module"]["percent"] == int(100 * (enough - 2) / 60)
    await person.plays(0, begun["id"], (enough - 3, enough))
    done = await person.does(0, 0)
    assert (done["module"]["percent"], done["completed_at"] is not None) == (100, True)

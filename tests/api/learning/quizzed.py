"""A learner who is also the author, with one quiz of every kind, for tests over HTTP."""

import uuid
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.models import Module
from api.courses.questions import question_rows
from api.courses.quiz_schemas import QuestionIn
from api.people.models import Person
from tests.factories import make_course

SINGLE = {
    "prompt": "It wobbles.",
    "feedback": "Never climb what wobbles.",
    "choices": [{"label": "Climb", "feedback": "You fall."}, {"label": "Stop", "is_correct": True}],
}
MULTIPLE = {
    "kind": "multiple",
    "prompt": "Check?",
    "points": 2,
    "choices": [{"label": "Feet", "is_correct": True}, {"label": "Rungs", "is_correct": True}, {"label": "Colour"}],
}
ORDERING = {"kind": "ordering", "prompt": "Order", "choices": [{"label": f"Step {n}"} for n in range(8)]}
MATCHING = {
    "kind": "matching",
    "prompt": "Match",
    "choices": [{"label": f"left {n}", "match": f"right {n}"} for n in range(8)],
}
NUMERIC = {"kind": "numeric", "prompt": "Metres?", "spec": {"value": 1.5, "tolerance": 0.1}}
SHORT = {"kind": "short_text", "prompt": "Who?", "spec": {"accepted": ["Ada"]}}
CLOZE = {"kind": "cloze", "prompt": "{{1}} and {{2}}", "spec": {"gaps": [{"accepted": ["a"]}, {"accepted": ["b"]}]}}
ALL_KINDS = [SINGLE, MULTIPLE, ORDERING, MATCHING, NUMERIC, SHORT, CLOZE]
Json = dict[str, Any]


class Quizzed:
    """A learner who is also the author, with one quiz, and shortcuts for what the pages call."""

    quiz: Module
    course_id: uuid.UUID
    module_id: uuid.UUID

    def __init__(self, client: httpx.AsyncClient, session: AsyncSession, person: Person, headers: Json) -> None:
        self.client, self.session, self.person, self.headers = client, session, person, headers

    async def make(self, settings: Json, questions: list[Json], *, is_published: bool = True) -> "Quizzed":
        given = [QuestionIn.model_validate(question) for question in questions]
        self.quiz = Module(
            position=1,
            kind="quiz",
            title="Quiz",
            duration_s=60,
            settings=settings,
            questions=question_rows(given),
        )
        course = await make_course(self.session, self.person, modules=[self.quiz], is_published=is_published)
        self.course_id, self.module_id = course.id, self.quiz.id
        await self.session.commit()
        if is_published:
            await self.post("/enroll", {"course_id": str(self.course_id)})
        return self

    async def post(self, path: str, body: Json) -> httpx.Response:
        return await self.client.post(path, json=body, headers=self.headers)

    @property
    def ids(self) -> Json:
        return {"course_id": str(self.course_id), "module_id": str(self.module_id)}

    async def begin(self, attempt_id: str | None = None) -> httpx.Response:
        return await self.post("/quiz-attempts", self.ids | {"id": attempt_id or str(uuid.uuid4())})

    async def answer(self, answers: list[Json], attempt_id: str | None = None) -> httpx.Response:
        return await self.post(
            "/progress", self.ids | {"attempt": {"id": attempt_id or str(uuid.uuid4()), "answers": answers}}
        )

    async def standing(self) -> Json:
        found = await self.client.get("/quiz-attempts", params=self.ids, headers=self.headers)
        assert found.status_code == 200, found.text
        return found.json()

    async def save(self, begun: Json, answer: Json, revision: int = 1) -> httpx.Response:
        body = {**self.ids, "attempt_id": begun["id"], "revision": revision, **answer}
        return await self.client.put("/quiz-answers", json=body, headers=self.headers)

    async def set_back(self, begun: Json, seconds: float) -> None:
        """The attempt is due so long ago; nobody waits in a test."""
        late = text("update quiz_sitting set due_at = now() - make_interval(secs => :ago) where id = :id")
        await self.session.execute(late, {"ago": seconds, "id": uuid.UUID(begun["id"])})
        await self.session.commit()

    async def module(self) -> Json:
        content = await self.client.get(f"/course-content?course_id={self.course_id}", headers=self.headers)
        assert content.status_code == 200, content.text
        return content.json()["modules"][0]

    def right(self, question: int) -> Json:
        """The right answer to the question of this place in the draft."""
        asked = self.quiz.questions[question]
        ids = [str(choice.id) for choice in asked.choices]
        told: Json = {
            "single": {"choice_ids": [str(c.id) for c in asked.choices if c.is_correct]},
            "ordering": {"order": ids},
            "matching": {"pairs": [{"choice_id": str(c.id), "match": c.match} for c in asked.choices]},
            "numeric": {"number": "1,45"},
            "short_text": {"text": " ADA"},
            "cloze": {"gaps": ["A", "B"]},
        }
        return {"question_id": str(asked.id), **told[asked.kind if asked.kind != "multiple" else "single"]}

    async def fact(self) -> Json:
        statement = text(
            "select payload from event where type = 'learning.quiz_submitted' and subject_id = :p order by id desc"
        )
        return (await self.session.execute(statement, {"p": self.person.id})).scalars().first()

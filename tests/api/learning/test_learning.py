"""A person's way through a course over HTTP: any order, any repetition, one result."""

import asyncio
import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.courses.models import Module
from api.credentials.models import Certificate
from api.credentials.pdf import render
from tests.factories import make_course, make_person, make_quiz, modules_of

NOW = datetime.now(UTC)


@dataclass
class Learner:
    """A person with headers, a course of two texts and a quiz, and shortcuts for what their page calls."""

    client: httpx.AsyncClient
    session: AsyncSession
    headers: dict[str, str]
    person_id: uuid.UUID
    course_id: uuid.UUID
    modules: list[Module]

    async def post(self, path: str, body: object) -> httpx.Response:
        return await self.client.post(path, json=body, headers=self.headers)

    async def enroll(self) -> httpx.Response:
        return await self.post("/enroll", {"course_id": str(self.course_id)})

    async def progress(self, module: int, percent: int, **more: object) -> httpx.Response:
        ids = {"course_id": str(self.course_id), "module_id": str(self.modules[module].id)}
        return await self.post("/progress", {**ids, "percent": percent, **more})

    async def answer(self, right: bool, attempt_id: uuid.UUID | None = None) -> httpx.Response:
        content = (await self.client.get(f"/course-content?course_id={self.course_id}", headers=self.headers)).json()
        question = content["modules"][2]["questions"][0]
        choice = question["choices"][0 if right else 1]["id"]
        answers = [{"question_id": question["id"], "choice_ids": [choice]}]
        return await self.progress(2, 0, attempt={"id": str(attempt_id or uuid.uuid4()), "answers": answers})

    async def facts(self) -> list[str]:
        statement = text("select type from event where subject_id = :p order by recorded_at, id")
        return list((await self.session.execute(statement, {"p": self.person_id})).scalars())


def told(progress: dict) -> tuple[int, int, bool]:
    attempt = progress["attempt"]
    return attempt["number"], attempt["score_percent"], attempt["is_passed"]


@pytest.fixture
async def learner(api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]) -> Learner:
    person = await make_person(committed, "Zoë Żółć")
    modules = [Module(position=n, kind="text", title=f"Text {n}", duration_s=60, body="Read.") for n in (1, 2)]
    course = await make_course(committed, person, modules=[*modules, make_quiz(3)])
    steps = await modules_of(committed, course)
    await committed.commit()
    return Learner(api, committed, token_for(person.id), person.id, course.id, steps)


async def test_enrolling_twice_gives_one_enrollment(learner: Learner) -> None:
    first, second = await learner.enroll(), await learner.enroll()
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert await learner.facts() == ["learning.enrolled"]


async def test_ten_clicks_at_once_give_one_enrollment(learner: Learner) -> None:
    answers = await asyncio.gather(*(learner.enroll() for _ in range(10)))
    assert sorted(a.status_code for a in answers) == [200] * 9 + [201]
    assert len({a.json()["id"] for a in answers}) == 1


async def test_progress_never_goes_back_and_the_position_follows_the_newest_message(learner: Learner) -> None:
    await learner.enroll()
    await learner.progress(0, 80, position_s=48, occurred_at=NOW.isoformat())
    late = await learner.progress(0, 30, position_s=18, occurred_at=(NOW - timedelta(minutes=2)).isoformat())
    assert late.json()["module"] | {"module_id": ""} == {
        "module_id": "",
        "percent": 80,
        "position_s": 48.0,
        "completed_at": None,
    }
    assert await learner.facts() == ["learning.enrolled", "learning.module_progressed"]


async def test_a_course_completes_when_its_last_module_does_whatever_the_order(learner: Learner) -> None:
    await learner.enroll()
    assert (await learner.answer(right=True)).json()["completed_at"] is None
    assert (await learner.progress(1, 100)).json()["progress_percent"] == 66
    done = (await learner.progress(0, 100)).json()
    assert (done["progress_percent"], done["score_percent"]) == (100, 100)
    assert done["certificate_code"].startswith("PRX-")
    again = (await learner.progress(0, 100)).json()
    assert again["certificate_code"] == done["certificate_code"]
    assert (await learner.facts()).count("learning.course_completed") == 1


async def test_two_tabs_that_finish_the_last_modules_at_once_complete_the_course_once(learner: Learner) -> None:
    await learner.enroll()
    await learner.answer(right=True)
    await asyncio.gather(*(learner.progress(module, 100) for module in (0, 1) for _ in range(5)))
    facts = await learner.facts()
    assert facts.count("learning.course_completed") == 1
    assert facts.count("learning.certificate_issued") == 1
    assert facts.count("learning.module_completed") == 3


async def test_a_quiz_completes_by_a_passed_attempt_only(learner: Learner) -> None:
    await learner.enroll()
    claimed = (await learner.progress(2, 100)).json()
    assert claimed["module"]["percent"] == 0
    failed = (await learner.answer(right=False)).json()
    assert told(failed) == (1, 0, False)
    assert failed["module"]["completed_at"] is None
    passed = (await learner.answer(right=True)).json()
    assert told(passed) == (2, 100, True)
    assert passed["module"]["percent"] == 100


async def test_the_same_attempt_sent_twice_is_one_attempt(learner: Learner) -> None:
    await learner.enroll()
    attempt_id = uuid.uuid4()
    first = (await learner.answer(right=False, attempt_id=attempt_id)).json()
    second = (await learner.answer(right=True, attempt_id=attempt_id)).json()
    assert first["attempt"] == second["attempt"]
    assert told(second) == (1, 0, False)
    assert (await learner.facts()).count("learning.quiz_submitted") == 1


async def test_content_never_says_which_answer_is_right(learner: Learner) -> None:
    await learner.enroll()
    body = (await learner.client.get(f"/course-content?course_id={learner.course_id}", headers=learner.headers)).text
    assert "correct" not in body


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"module_id": str(uuid.uuid4())}, 404),
        ({"course_id": str(uuid.uuid4())}, 409),
        ({"percent": 101}, 422),
        ({"percent": -1}, 422),
        ({"module_id": "x"}, 422),
        ({"position_s": 1e300}, 422),
        ({"occurred_at": "2026-01-01T00:00:00"}, 422),
        ({"attempt": {"id": str(uuid.uuid4()), "answers": []}}, 200),
    ],
)
async def test_bad_progress_gets_a_problem_that_says_what_to_do(learner: Learner, change: dict, status: int) -> None:
    await learner.enroll()
    body = {"course_id": str(learner.course_id), "module_id": str(learner.modules[0].id), "percent": 1}
    answer = await learner.post("/progress", body | change)
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.json()["detail"]) > 10


async def test_progress_without_an_enrollment_says_to_enrol_first(learner: Learner) -> None:
    answer = await learner.progress(0, 10)
    assert answer.status_code == 409
    assert "POST /enroll first" in answer.json()["detail"]


async def test_answers_of_another_quiz_are_refused(learner: Learner) -> None:
    await learner.enroll()
    stranger = [{"question_id": str(uuid.uuid4()), "choice_ids": []}]
    answer = await learner.progress(2, 0, attempt={"id": str(uuid.uuid4()), "answers": stranger})
    assert answer.status_code == 422


async def test_a_clock_that_is_ahead_does_not_win_over_later_messages(learner: Learner) -> None:
    await learner.enroll()
    await learner.progress(0, 10, position_s=5, occurred_at=(NOW + timedelta(days=400)).isoformat())
    later = await learner.progress(0, 20, position_s=9)
    assert later.json()["module"]["position_s"] == 9


async def test_the_certificate_is_a_pdf_with_name_and_code_and_its_code_is_genuine(learner: Learner) -> None:
    await learner.enroll()
    none = await learner.client.get(f"/certificate?course_id={learner.course_id}", headers=learner.headers)
    assert none.status_code == 404
    await learner.answer(right=True)
    await learner.progress(0, 100)
    code = (await learner.progress(1, 100)).json()["certificate_code"]
    pdf = await learner.client.get(f"/certificate?course_id={learner.course_id}", headers=learner.headers)
    words = PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert "Zoë Żółć" in words
    assert code in words
    for typed in (code, code.lower(), code.replace("-", "")):
        answer = (await learner.client.get(f"/certificates/{typed}")).json()
        assert (answer["genuine"], answer["person_name"], answer["code"]) == (True, "Zoë Żółć", code)


async def test_an_invented_code_is_not_genuine(api: httpx.AsyncClient) -> None:
    answer = await api.get("/certificates/PRX-0000-0000-0000")
    assert (answer.status_code, answer.json()["genuine"]) == (404, False)


@pytest.mark.parametrize(
    "name", ["李小龍 🎓 محمد", "A" * 190, "Ann <b>#strong[Lee]</b> $x$ \\ ]", "Ðóra Þorláksdóttir"]
)
def test_a_certificate_is_made_for_any_name(settings: Settings, name: str) -> None:
    certificate = Certificate(
        code="PRX-7K2M-9QXD-41TB", person_name=name, course_title="Fire", score_percent=None, issued_at=NOW
    )
    pdf = PdfReader(io.BytesIO(render(certificate, settings)))
    assert len(pdf.pages) == 1

"""What an employee sees first: every part of GET /me/home in one company."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.obligations import Obligation
from api.compliance.to_do import duties
from api.core.settings import Settings
from api.courses.models import Course, Module
from api.learning.models import QuizSitting
from api.learning.schemas import ProgressIn
from api.learning.service import enroll, record_progress
from api.people.models import Person
from tests.factories import make_course, make_enrollment, make_person, make_quiz, make_requirement, modules_of

NOW = datetime.now(UTC)
TODAY = NOW.date()


def texts(*minutes: int) -> list[Module]:
    return [Module(position=n, kind="text", title=f"Step {n}", duration_s=60 * m) for n, m in enumerate(minutes, 1)]


async def go(session: AsyncSession, person: Person, course: Course, percents: list[int], days_ago: int) -> None:
    """Enrolled, and so far in each module."""
    moment = NOW - timedelta(days_ago)
    await enroll(session, person_id=person.id, course_id=course.id, now=moment)
    for module, percent in zip(await modules_of(session, course), percents, strict=False):
        sent = ProgressIn(course_id=course.id, module_id=module.id, percent=percent, position_s=7, occurred_at=moment)
        await record_progress(session, person_id=person.id, sent=sent, now=moment)


async def test_home_has_what_must_be_done_first_and_where_one_was(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]
) -> None:
    async with committed.begin():
        boss = await make_person(committed, "Boss")
        me = await make_person(committed, "Me", manager=boss)
        late, soon, open_, done, changed, begun = [
            await make_course(committed, boss, title, modules=texts(10, 20))
            for title in ("Late", "Soon", "Open", "Done", "Changed", "Begun")
        ]
        timed = await make_course(committed, boss, "Timed", modules=[make_quiz(1)])
        for course, days in ((late, -3), (soon, 14), (open_, 15), (done, -9)):
            valid_from = TODAY + timedelta(days - 30)
            await make_requirement(committed, course, due_within_days=30, valid_from=valid_from)
        await make_requirement(committed, late, due_within_days=365, valid_from=TODAY - timedelta(400))
        await go(committed, me, done, [100, 100], 40)
        await go(committed, me, begun, [100, 50], 1)
        await go(committed, me, late, [20], 2)
        old = await make_enrollment(committed, me, changed, completed_at=NOW)
        old.retake_version_id = changed.current_version_id
        sat = await make_enrollment(committed, me, timed, enrolled_at=NOW - timedelta(50))
        (quiz,) = await modules_of(committed, timed)
        sitting = {"enrollment_id": sat.id, "module_id": quiz.id, "question_ids": [], "started_at": NOW}
        for number, due_at in ((1, NOW - timedelta(1)), (2, datetime.now(UTC) + timedelta(minutes=9))):
            committed.add(QuizSitting(**sitting, number=number, due_at=due_at))
    answer = await api.get("/me/home", headers=token_for(me.id))
    told = answer.json()
    assert [(one["title"], one["state"]) for one in told["to_do"]] == [
        ("Timed", "attempt"),
        ("Late", "overdue"),
        ("Soon", "due_soon"),
        ("Open", "open"),
        ("Changed", "retake"),
    ]
    assert told["to_do"][0]["module_id"] == str(quiz.id)
    assert (told["to_do"][1]["due_on"], told["to_do"][1]["progress_percent"]) == (
        str(TODAY - timedelta(35)),  # the stricter of its two requirements
        10,
    )
    first, second, third = told["continue"]
    assert (first["title"], first["module_title"], first["left_s"], first["position_s"]) == ("Begun", "Step 2", 600, 7)
    assert (second["title"], second["module_title"], second["left_s"]) == ("Late", "Step 1", 28 * 60)
    assert (third["title"], third["last_activity_at"]) == ("Timed", None)
    assert [one["title"] for one in told["certificates"]] == ["Done"]
    # 30 minutes of Done long ago, 20 of Begun and 2 of Late in the last two days.
    assert told["hours"]["total"] == pytest.approx(52 / 60, abs=0.01)
    stranger = (await api.get("/me/home", headers=token_for(boss.id))).json()
    assert (stranger["continue"], stranger["certificates"], stranger["hours"]["total"]) == ([], [], 0)


@pytest.mark.parametrize(("days", "state"), [(-1, "overdue"), (0, "due_soon"), (14, "due_soon"), (15, "open")], ids=str)
def test_a_duty_is_overdue_from_the_day_after_it_was_due(days: int, state: str) -> None:
    one = Obligation(uuid.uuid4(), uuid.uuid4(), "X", uuid.uuid4(), TODAY, TODAY + timedelta(days), None)
    assert [told["state"] for told in duties([one], TODAY).values()] == [state]


async def test_the_front_leads_to_home_and_home_to_the_sign_in(api: httpx.AsyncClient, settings: Settings) -> None:
    front = await api.get("/")
    assert (front.status_code, front.headers["location"]) == (303, "/home")
    home = await api.get("/home")
    assert (home.status_code, home.headers["location"]) == (303, "/sign-in?next=%2Fhome")

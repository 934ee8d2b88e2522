"""Each answer is kept: in any order, from two tabs, until the time is up; then what was saved is scored, once."""

import asyncio
import itertools
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.core.settings import Settings
from api.learning.tasks import end_sitting_in_time
from tests.api.learning.quizzed import ALL_KINDS, NUMERIC, SINGLE, Json, Quizzed
from tests.factories import make_org_unit, make_person

TIMED = {"time_limit_s": 600, "attempts": 2}


async def run_job(settings: Settings, begun: Json, times: int = 1) -> None:
    engine = make_engine(settings.database_url, pool_size=4)
    context = Context(settings, make_sessions(engine))
    await asyncio.gather(*(end_sitting_in_time(context, sitting_id=begun["id"]) for _ in range(times)))
    await engine.dispose()


async def test_answers_come_shuffled_and_doubled_from_two_tabs_and_the_last_of_each_question_is_kept(
    quizzed: Quizzed,
) -> None:
    await quizzed.make({"shuffle": True}, ALL_KINDS)
    begun = (await quizzed.begin()).json()
    number = str(quizzed.quiz.questions[4].id)
    typed = [({"question_id": number, "number": str(n)}, n) for n in range(1, 13)]
    sent = [*typed, *((quizzed.right(n), 1) for n in range(7) if n != 4), (quizzed.right(4) | {"duration_s": 4}, 13)]
    sent = sent * 2
    random.Random(5).shuffle(sent)
    answers = await asyncio.gather(*(quizzed.save(begun, answer, revision) for answer, revision in sent))
    assert {one.status_code for one in answers} == {200}
    assert not {"is_correct", "score", "feedback"} & set(json.dumps([one.json() for one in answers]).split('"'))
    found = (await quizzed.standing())["sitting"]
    assert [question["id"] for question in found["questions"]] == [question["id"] for question in begun["questions"]]
    kept = {answer["question_id"]: answer for answer in found["answers"]}
    assert (kept[number]["number"], kept[number]["revision"], kept[number]["duration_s"]) == ("1,45", 13, 4)
    assert "is_correct" not in json.dumps(found)
    told = (await quizzed.answer([], begun["id"])).json()["attempt"]
    assert (told["score_percent"], told["ended_by"], len(kept)) == (100, "learner", 7)
    fact = await quizzed.fact()
    assert next(one["duration_s"] for one in fact["answers"] if one["question_id"] == number) == 4


async def test_two_tabs_that_count_alike_end_alike_in_whatever_order_they_come(quizzed: Quizzed) -> None:
    await quizzed.make({}, [NUMERIC])
    question = str(quizzed.quiz.questions[0].id)
    ends = []
    for order in itertools.permutations(["7", "8", "9"]):
        begun = (await quizzed.begin()).json()
        for number in order:
            await quizzed.save(begun, {"question_id": question, "number": number}, 5)
        ends.append((await quizzed.standing())["sitting"]["answers"][0]["number"])
        await quizzed.answer([], begun["id"])
    assert len(set(ends)) == 1


async def test_what_is_sent_with_the_submission_goes_before_what_was_saved(quizzed: Quizzed) -> None:
    await quizzed.make({}, [SINGLE, NUMERIC])
    begun = (await quizzed.begin()).json()
    await quizzed.save(begun, quizzed.right(0))
    await quizzed.save(begun, quizzed.right(1))
    wrong = {"question_id": quizzed.right(1)["question_id"], "number": "99"}
    told = (await quizzed.answer([wrong], begun["id"])).json()["attempt"]
    assert told["score_percent"] == 50
    late = await quizzed.save(begun, quizzed.right(1), 9)
    assert (late.status_code, late.json()["title"]) == (409, "The attempt is submitted")


@pytest.mark.parametrize("by", ["job", "asking", "submitting"])
async def test_when_the_time_is_up_what_was_saved_in_time_is_scored_exactly_once(
    quizzed: Quizzed,
    settings: Settings,
    by: str,
) -> None:
    await quizzed.make(TIMED, [SINGLE, NUMERIC, NUMERIC])
    begun = (await quizzed.begin()).json()
    await quizzed.save(begun, quizzed.right(0))
    await quizzed.save(begun, {"question_id": quizzed.right(1)["question_id"], "number": "about 1.5"})
    await quizzed.set_back(begun, 20)
    assert (await quizzed.save(begun, quizzed.right(2))).status_code == 200  # for the way
    await run_job(settings, begun)  # too early: nothing
    assert (await quizzed.standing())["sitting"]["remaining_s"] == 0
    await quizzed.set_back(begun, 31)
    late = await quizzed.save(begun, quizzed.right(1), 2)
    assert (late.status_code, late.json()["title"]) == (409, "The time for this attempt is up")
    if by == "job":
        await run_job(settings, begun, times=3)
    elif by == "submitting":
        sent = await quizzed.answer([quizzed.right(number) for number in range(3)], begun["id"])
        assert sent.json()["attempt"]["score_percent"] == 67  # not what was sent too late
    both = await asyncio.gather(*(quizzed.standing() for _ in range(3)))
    await run_job(settings, begun)
    for found in both:
        (attempt,) = found["attempts"]
        assert (found["sitting"], attempt["score_percent"], attempt["ended_by"]) == (None, 67, "time")
        assert (attempt["number"], attempt["attempts_left"], found["quiz"]["attempts_left"]) == (1, 1, 1)
    counted = text("select count(*) from event where type = 'learning.quiz_submitted' and subject_id = :p")
    assert await quizzed.session.scalar(counted, {"p": quizzed.person.id}) == 1
    assert (await quizzed.begin()).json()["number"] == 2


async def test_a_job_waits_for_the_end_and_nothing_saved_leaves_no_score(
    quizzed: Quizzed,
    settings: Settings,
) -> None:
    await quizzed.make(TIMED, [SINGLE])
    begun = (await quizzed.begin()).json()
    waits = text(
        "select extract(epoch from scheduled_at - now()) from procrastinate_jobs"
        " where task_name = 'end_sitting' and args ->> 'sitting_id' = :id"
    )
    assert 628 < float(await quizzed.session.scalar(waits, {"id": begun["id"]}) or 0) <= 631
    await quizzed.set_back(begun, 60)
    await run_job(settings, begun)
    found = await quizzed.standing()
    assert (found["sitting"], found["attempts"], found["quiz"]["attempts_left"]) == (None, [], 1)


async def test_the_newest_attempt_is_reviewed_as_far_as_the_rules_allow(quizzed: Quizzed) -> None:
    await quizzed.make({"attempts": 2, "shuffle": True}, ALL_KINDS)
    begun = (await quizzed.begin()).json()
    await quizzed.save(begun, quizzed.right(4))
    await quizzed.answer([], begun["id"])
    found = await quizzed.standing()
    assert {one["solution"] is None for one in found["attempts"][0]["feedback"]} == {True}
    assert found["review"]["questions"] == begun["questions"]
    assert next(one for one in found["review"]["answers"] if one["number"])["number"] == "1,45"
    await quizzed.answer([], (await quizzed.begin()).json()["id"])
    assert None not in [one["solution"] for one in (await quizzed.standing())["attempts"][0]["feedback"]]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"text": "x"}, 422),
        ({"choice_ids": [str(uuid.uuid4())]}, 422),
        ({"question_id": str(uuid.uuid4())}, 422),
        ({"revision": 0}, 422),
        ({"attempt_id": str(uuid.uuid4())}, 404),
        ({"module_id": str(uuid.uuid4())}, 404),
        ({"course_id": str(uuid.uuid4())}, 409),
    ],
    ids=lambda told: str(told) if isinstance(told, int) else next(iter(told)),
)
async def test_a_strange_answer_is_not_kept(quizzed: Quizzed, answer: Json, status: int) -> None:
    await quizzed.make({}, [SINGLE])
    begun = (await quizzed.begin()).json()
    refused = await quizzed.save(begun, {"question_id": quizzed.right(0)["question_id"], **answer})
    assert refused.status_code == status, refused.text
    assert (await quizzed.standing())["sitting"]["answers"] == []


async def test_extra_time_is_an_officers_to_give_lengthens_an_open_attempt_and_leaks_no_reason(
    quizzed: Quizzed,
    api: httpx.AsyncClient,
    token_for: Callable[..., Json],
) -> None:
    session = quizzed.session
    boss, elsewhere = await make_person(session, "Boss"), await make_org_unit(session, "Elsewhere")
    officer = await make_person(session, "Olga", roles=("officer",))
    far = await make_person(session, "Far", org_unit=elsewhere)
    await session.commit()
    headers = token_for(officer.id, "officer", "employee")

    async def give(percent: Any, person: Any = quizzed.person, who: Json = headers, **more: Any) -> httpx.Response:
        body = {"person_id": str(person.id), "percent": percent, **more}
        return await api.put("/extra-time", json=body, headers=who)

    await quizzed.make(TIMED, [SINGLE])
    begun = (await quizzed.begin()).json()
    given = await give(50, reason="Secret diagnosis")
    assert given.status_code == 204, given.text
    assert (await give(50, reason="Secret diagnosis")).status_code == 204
    found = await quizzed.standing()
    assert 890 < found["sitting"]["remaining_s"] <= 900
    assert (found["sitting"]["extra_percent"], found["extra_time_percent"], found["time_s"]) == (50, 50, 900)
    await quizzed.set_back(begun, -1)
    await quizzed.answer([], begun["id"])
    assert (await give(0)).status_code == 204
    assert 590 < (await quizzed.begin()).json()["remaining_s"] <= 600
    log = text("select string_agg(a::text, ' ') from audit_entry a where action = 'learning.extra_time_set'")
    told = str(await session.scalar(log)).replace('""', '"')
    assert (told.count("extra_time_set"), "Secret" in told, '"percent": 50' in told) == (2, False, True)
    events = await session.scalar(text("select count(*) from event where payload::text like '%xtra%'"))
    assert (await api.get("/extra-time", headers=headers)).json()["items"] == []
    assert events == 0
    assert [(await give(percent)).status_code for percent in (301, -1, "50")] == [422] * 3
    assert (await give(50, officer)).status_code == 403
    for role in ("manager", "hr_data", "auditor"):
        assert (await give(50, far, token_for(boss.id, role, "employee"))).status_code == 403
    assert (await give(20, far, reason="why")).status_code == 204
    (item,) = (await api.get("/extra-time", headers=headers)).json()["items"]
    assert (item["person"]["name"], item["percent"], item["reason"]) == ("Far", 20, "why")

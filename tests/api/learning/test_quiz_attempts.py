"""Attempts at quizzes of every kind over HTTP: begun, answered, scored, told, and none too many or too late."""

import asyncio
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.media.service import store
from tests.api.learning.quizzed import (
    ALL_KINDS,
    CLOZE,
    MULTIPLE,
    NUMERIC,
    ORDERING,
    SHORT,
    SINGLE,
    Json,
    Quizzed,
)
from tests.factories import make_person


async def test_all_kinds_are_asked_without_their_answers_and_scored(quizzed: Quizzed) -> None:
    await quizzed.make({}, ALL_KINDS)
    module = await quizzed.module()
    asked = {question["kind"]: question for question in module["questions"]}
    assert list(asked) == [question.get("kind", "single") for question in ALL_KINDS]
    assert not {"correct", "accepted", "tolerance", "feedback"} & set(
        str(module["questions"]).replace("'", " ").split()
    )
    labels = [choice["label"] for choice in asked["ordering"]["choices"]]
    assert labels != sorted(labels)
    assert (await quizzed.module())["questions"] == module["questions"]
    assert sorted(asked["matching"]["matches"]) == [f"right {n}" for n in range(8)] != asked["matching"]["matches"]
    assert asked["cloze"]["gap_count"] == 2
    done = await quizzed.answer([quizzed.right(number) for number in range(7)])
    assert done.json()["attempt"]["score_percent"] == 100
    assert done.json()["module"]["percent"] == 100


async def test_points_weigh_and_partial_credit_gives_a_share(quizzed: Quizzed) -> None:
    await quizzed.make({"partial_credit": True, "pass_percent": 30}, [SINGLE, MULTIPLE])
    half = quizzed.right(1)
    half["choice_ids"] = half["choice_ids"][:1]
    told = (await quizzed.answer([half])).json()["attempt"]
    assert (told["score_percent"], told["is_passed"]) == (33, True)
    fact = (await quizzed.fact())["answers"][1]
    assert (fact["points_share"], fact["points"], fact["is_correct"]) == (0.5, 2, False)


async def test_the_fact_names_the_item_and_the_first_answer(quizzed: Quizzed) -> None:
    await quizzed.make({}, [SINGLE, NUMERIC])
    single, number = quizzed.right(0), quizzed.right(1)
    wrong = str(quizzed.quiz.questions[0].choices[0].id)
    single |= {"first_choice_ids": [wrong], "duration_s": 8.5}
    number |= {"first_response": {"number": "about two"}}
    await quizzed.answer([single, number])
    first, second = (await quizzed.fact())["answers"]
    assert first["item_id"] == str(quizzed.quiz.questions[0].item_id)
    assert (first["item_version"], first["response"], first["duration_s"]) == (1, None, 8.5)
    assert (first["is_correct"], first["is_first_correct"], first["first_choice_ids"]) == (True, False, [wrong])
    assert (second["response"], second["choice_ids"], second["is_first_correct"]) == ({"number": "1,45"}, [], False)


@pytest.mark.parametrize(
    ("rules", "is_right", "has_feedback", "has_solution"),
    [
        ({}, False, True, False),
        ({}, True, True, True),
        ({"attempts": 1}, False, True, True),
        ({"show_feedback": "never"}, True, False, False),
        ({"show_feedback": "after_pass"}, False, False, False),
        ({"show_feedback": "after_pass"}, True, True, True),
    ],
)
async def test_right_answers_are_told_only_once_they_are_of_no_use(
    quizzed: Quizzed, rules: Json, is_right: bool, has_feedback: bool, has_solution: bool
) -> None:
    await quizzed.make(rules, [SINGLE])
    sent = quizzed.right(0)
    wrong = str(quizzed.quiz.questions[0].choices[0].id)
    told = (await quizzed.answer([sent if is_right else sent | {"choice_ids": [wrong]}])).json()["attempt"]["feedback"]
    assert (told is not None) == has_feedback
    if told:
        assert told[0]["feedback"] == "Never climb what wobbles."
        assert told[0]["choices"] == ([] if is_right else [{"id": wrong, "feedback": "You fall."}])
        assert told[0]["solution"] == ({"choice_ids": sent["choice_ids"]} if has_solution else None)


async def test_asking_again_what_an_attempt_gave_does_not_tell_the_answers_to_one_that_is_open(
    quizzed: Quizzed,
) -> None:
    await quizzed.make({"attempts": 2}, [SINGLE])
    first = str(uuid.uuid4())
    await quizzed.answer([], first)
    begun = (await quizzed.begin()).json()
    again = (await quizzed.answer([], first)).json()["attempt"]
    assert (begun["attempts_left"], again["attempts_left"], again["feedback"][0]["solution"]) == (0, 0, None)
    last = (await quizzed.answer([], begun["id"])).json()["attempt"]
    assert last["feedback"][0]["solution"] == {"choice_ids": quizzed.right(0)["choice_ids"]}


async def test_attempts_are_counted_and_run_out(quizzed: Quizzed) -> None:
    await quizzed.make({"attempts": 2}, [SINGLE])
    assert (await quizzed.module())["quiz"]["attempts_left"] == 2
    first, second = [(await quizzed.answer([])).json()["attempt"] for _ in range(2)]
    assert [(one["number"], one["attempts_left"]) for one in (first, second)] == [(1, 1), (2, 0)]
    third, begun = await quizzed.answer([quizzed.right(0)]), await quizzed.begin()
    assert {third.status_code, begun.status_code} == {409}
    assert third.json()["title"] == "No attempt is left"
    assert (await quizzed.module())["quiz"]["attempts_left"] == 0


async def test_two_tabs_get_one_attempt_with_the_same_questions(quizzed: Quizzed) -> None:
    await quizzed.make({"shuffle": True, "time_limit_s": 600, "attempts": 3}, [SINGLE, MULTIPLE, ORDERING, CLOZE])
    answers = await asyncio.gather(*(quizzed.begin() for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [200] * 4 + [201]
    first, *others = [one.json() for one in answers]
    for other in others:
        assert {**other, "remaining_s": 0} == {**first, "remaining_s": 0}
    assert (first["number"], first["attempts_left"]) == (1, 2)
    sent = [quizzed.right(number) for number in range(4)]
    scored = await asyncio.gather(*(quizzed.answer(sent, first["id"]) for _ in range(3)))
    assert [one.json()["attempt"]["number"] for one in scored] == [1, 1, 1]
    assert (await quizzed.begin()).json()["number"] == 2


async def test_a_timed_quiz_is_asked_only_once_it_is_begun(quizzed: Quizzed) -> None:
    await quizzed.make({"time_limit_s": 600}, [SINGLE])
    module = await quizzed.module()
    assert (module["questions"], module["quiz"]["needs_sitting"], module["quiz"]["question_count"]) == ([], True, 1)
    refused = await quizzed.answer([quizzed.right(0)])
    assert (refused.status_code, "POST /quiz-attempts" in refused.json()["detail"]) == (409, True)
    begun = (await quizzed.begin()).json()
    assert 598 <= begun["remaining_s"] <= 600
    assert (await quizzed.answer([quizzed.right(0)], begun["id"])).json()["attempt"]["is_passed"]


@pytest.mark.parametrize(("ago_s", "status"), [(10, 200), (31, 409)])
async def test_answers_are_taken_a_little_late_and_later_the_attempt_is_used_up(
    quizzed: Quizzed, ago_s: int, status: int
) -> None:
    await quizzed.make({"time_limit_s": 60, "attempts": 2}, [SINGLE])
    begun = (await quizzed.begin()).json()
    await quizzed.set_back(begun, ago_s)
    assert (await quizzed.answer([quizzed.right(0)], begun["id"])).status_code == status
    if status == 409:
        again = (await quizzed.begin()).json()
        assert (again["number"], again["attempts_left"]) == (2, 0)


async def test_a_learner_answers_only_what_was_drawn_and_each_attempt_may_draw_other_items(quizzed: Quizzed) -> None:
    bank_id = (await quizzed.post("/question-banks", {"title": "Ladders"})).json()["id"]
    for number in range(12):
        spec = {"kind": "numeric", "prompt": f"{number}?", "spec": {"value": number}}
        made = await quizzed.post("/bank-items", {"bank_id": bank_id, "tags": ["odd"] if number % 2 else [], **spec})
        assert made.status_code == 201, made.text
    draws = [{"bank_id": bank_id, "tags": ["odd"], "count": 3}, {"bank_id": bank_id, "count": 5}]
    await quizzed.make({"draws": draws}, [SINGLE], is_published=False)
    published = await quizzed.post("/publish-course", {"course_id": str(quizzed.course_id)})
    assert published.status_code == 200, published.text
    await quizzed.post("/enroll", {"course_id": str(quizzed.course_id)})
    assert (await quizzed.module())["quiz"]["question_count"] == 9
    seen: set[tuple[str, ...]] = set()
    for _ in range(6):
        begun = (await quizzed.begin()).json()
        prompts = [question["prompt"] for question in begun["questions"]]
        assert prompts[0] == "It wobbles."
        assert len(set(prompts)) == 9
        assert sum(int(prompt.removesuffix("?")) % 2 for prompt in prompts[1:]) >= 3
        seen.add(tuple(sorted(prompts)))
        sent = [
            {"question_id": question["id"], "number": question["prompt"].removesuffix("?")}
            for question in begun["questions"][1:]
        ]
        scored = await quizzed.answer([quizzed.right(0), *sent], begun["id"])
        assert scored.json()["attempt"]["score_percent"] == 100, scored.text
    assert len(seen) > 1
    begun = (await quizzed.begin()).json()
    statement = text("select id::text from question where module_id = :m and draws <> '{}'")
    pool = set((await quizzed.session.execute(statement, {"m": quizzed.module_id})).scalars())
    undrawn = (pool - {question["id"] for question in begun["questions"]}).pop()
    refused = await quizzed.answer([{"question_id": undrawn, "number": "1"}], begun["id"])
    assert (len(pool), refused.status_code) == (12, 422)


async def test_a_quiz_whose_bank_has_too_few_items_is_not_published(quizzed: Quizzed) -> None:
    bank_id = (await quizzed.post("/question-banks", {"title": "Few"})).json()["id"]
    await quizzed.post("/bank-items", {"bank_id": bank_id, **NUMERIC})
    draws = [{"bank_id": bank_id, "count": 1}] * 2
    await quizzed.make({"draws": draws}, [], is_published=False)
    answer = await quizzed.post("/publish-course", {"course_id": str(quizzed.course_id)})
    assert answer.status_code == 409
    assert "not enough for all of them" in answer.json()["missing"][0]


@pytest.mark.parametrize(
    "answer",
    [
        {"text": "x"},
        {"choice_ids": [str(uuid.uuid4())]},
        {"number": 1e999},
        {"number": "1", "choice_ids": []},
        {"duration_s": -1},
        {"duration_s": 1e308},
        {"choice_ids": "all"},
        {"gaps": ["\x00"]},
        {"first_choice_ids": [str(uuid.uuid4())]},
        {"first_response": {"order": ["x"]}},
        {"question_id": str(uuid.uuid4())},
    ],
)
async def test_a_strange_answer_is_refused_with_its_place(quizzed: Quizzed, answer: Json) -> None:
    await quizzed.make({}, [SINGLE])
    content = {"question_id": str(quizzed.quiz.questions[0].id), **answer}
    body = quizzed.ids | {"attempt": {"id": str(uuid.uuid4()), "answers": [content]}}
    headers = quizzed.headers | {"content-type": "application/json"}
    answered = await quizzed.client.post("/progress", content=json.dumps(body), headers=headers)  # Infinity too
    assert answered.status_code == 422, answered.text
    assert answered.json()["errors"][0]["pointer"].startswith("/body/attempt/answers/0")


async def test_an_attempt_of_another_quiz_or_person_is_a_conflict(
    quizzed: Quizzed, api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Json]
) -> None:
    await quizzed.make({"time_limit_s": 600}, [SINGLE])
    begun = (await quizzed.begin()).json()
    other = await make_person(committed, "Olga Other")
    await committed.commit()
    theirs = Quizzed(api, committed, other, token_for(other.id))
    theirs.quiz, theirs.course_id, theirs.module_id = quizzed.quiz, quizzed.course_id, quizzed.module_id
    assert (await theirs.begin()).status_code == 409  # not enrolled
    await theirs.post("/enroll", {"course_id": str(quizzed.course_id)})
    assert (await theirs.begin(begun["id"])).status_code == 409
    assert (await theirs.answer([quizzed.right(0)], begun["id"])).status_code == 409


async def test_an_author_tries_a_draft_and_nothing_is_stored(
    quizzed: Quizzed, api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Json]
) -> None:
    bank_id = (await quizzed.post("/question-banks", {"title": "Try"})).json()["id"]
    await quizzed.post("/bank-items", {"bank_id": bank_id, **NUMERIC})
    draws = [{"bank_id": bank_id, "count": 1}]
    await quizzed.make({"shuffle": True, "draws": draws, "time_limit_s": 60}, [SINGLE, ORDERING], is_published=False)
    body = {"module_id": str(quizzed.module_id), "seed": "a"}
    asked = (await quizzed.post("/quiz-previews", body)).json()["questions"]
    assert len(asked) == 3
    drawn = next(question for question in asked if question["kind"] == "numeric")
    answers = [quizzed.right(0), quizzed.right(1), {"question_id": drawn["id"], "number": "1.5"}]
    told = (await quizzed.post("/quiz-previews", body | {"answers": answers})).json()
    assert told["questions"] == asked
    assert told["attempt"]["score_percent"] == 100
    assert await quizzed.fact() is None
    other = await make_person(committed, "Olga Other")
    await committed.commit()
    creator = token_for(other.id, "employee", "creator")
    assert (await api.post("/quiz-previews", json=body, headers=creator)).status_code == 403


async def test_an_image_is_shown_by_a_signed_link_with_its_words(
    quizzed: Quizzed, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "ladder.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + uuid.uuid4().bytes)
    asset = await store(quizzed.session, settings, path=file, content_type="image/png")
    asset.owner_id = quizzed.person.id
    await quizzed.session.commit()
    image = {"media_id": str(asset.id), "alt": "A ladder on ice"}
    bank_id = (await quizzed.post("/question-banks", {"title": "Pictures"})).json()["id"]
    made = await quizzed.post("/bank-items", {"bank_id": bank_id, "image": image, **SHORT})
    assert made.json()["image"] == image
    draws = [{"bank_id": bank_id, "count": 1}]
    await quizzed.make({"draws": draws}, [SINGLE | {"image": image}], is_published=False)
    preview = (await quizzed.post("/quiz-previews", {"module_id": str(quizzed.module_id)})).json()["questions"]
    await quizzed.post("/publish-course", {"course_id": str(quizzed.course_id)})
    await quizzed.post("/enroll", {"course_id": str(quizzed.course_id)})
    begun = (await quizzed.begin()).json()["questions"]
    for question in [*preview, *begun]:
        shown = question["image"]
        assert (shown["alt"], shown["content_type"]) == ("A ladder on ice", "image/png")
        served = await quizzed.client.get(shown["url"].removeprefix(settings.api_url))
        assert served.content == file.read_bytes()

"""From a draft to a version and its learners: what is missing, what it means for them."""

import asyncio
import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.courses.conftest import (
    QUIZ,
    TEXT,
    Author,
    MakeLearner,
    facts,
    impact,
    second_version,
    with_prompt,
)


async def test_the_preview_says_what_is_missing_and_where(author: Author) -> None:
    await author.creates(
        summary="",
        category="",
        description="![](https://elsewhere.example/x.png)",
        completion={"rule": "weighted"},
        sections=[{"id": str(uuid.uuid4()), "title": "Empty"}],
        modules=[
            {"kind": "video", "title": "Film"},
            {"kind": "text", "title": "Words", "body": " "},
            {"kind": "link", "title": "Link"},
            {"kind": "live", "title": "Meet"},
            {"kind": "package", "title": "Zip"},
            QUIZ | {"questions": [{"prompt": "", "choices": []}]},
        ],
    )
    answer = (await author.get("/publish-preview", course_id=author.course_id)).json()
    assert [problem["pointer"] for problem in answer["problems"]] == [
        "/summary",
        "/category",
        "/description",
        "/modules/0/media_id",
        "/modules/1/body",
        "/modules/2/url",
        "/modules/3/settings/starts_at",
        "/modules/4/media_id",
        "/modules/5/questions/0",
        "/completion/minimum_percent",
    ]
    assert {warning["pointer"] for warning in answer["warnings"]} >= {"/cover", "/sections/0", "/description"}
    refused = await author.post("/publish-course", course_id=author.course_id)
    assert (refused.status_code, refused.json()["problems"]) == (409, answer["problems"])


async def test_learners_stay_on_their_version_unless_they_are_moved(author: Author, learner_of: MakeLearner) -> None:
    await author.creates()
    first = await author.publishes()
    learner = await learner_of(author.course_id)
    await learner.does("Before you climb")
    await second_version(author, modules=[TEXT | {"title": "New"}, *(await author.begins())["modules"]])
    published = await author.publishes(learners="stay")
    assert (published["number"], published["moved"]) == (2, None)
    assert (await learner.content())["version_id"] == first["version_id"]
    assert (await learner.does("Ready?"))["completed_at"]
    assert (await (await learner_of(author.course_id)).content())["version_id"] == published["version_id"]


async def test_a_moved_learner_keeps_what_is_the_same_and_does_what_changed_again(
    author: Author, learner_of: MakeLearner, committed: AsyncSession
) -> None:
    await author.creates(modules=[TEXT, QUIZ, TEXT | {"title": "Last"}])
    await author.publishes()
    learner = await learner_of(author.course_id)
    await learner.does("Before you climb", "Ready?")
    draft = await author.begins()
    await author.saves(modules=[*with_prompt(draft, "Another question?"), draft["modules"][2]])
    told = await impact(author)
    assert (told["in_flight"], told["completed"], told["must_retake"]) == (1, 0, 1)
    assert told["changes"] == [{"kind": "changed", "what": "questions", "title": "Ready?", "is_material": True}]
    assert (await author.publishes(learners="move"))["moved"] == 1
    content = await learner.content()
    assert content["number"] == 2
    assert [bool(m["progress"]) for m in content["modules"]] == [True, False, False]
    assert (await learner.state())["progress_percent"] == 33
    done = await learner.does("Ready?", "Last")
    assert (done["progress_percent"], done["score_percent"]) == (100, 100)
    assert "learning.moved_to_version" in await facts(committed, learner.person_id)


async def test_the_author_may_say_that_nothing_material_changed(author: Author, learner_of: MakeLearner) -> None:
    await author.creates()
    await author.publishes()
    learner = await learner_of(author.course_id)
    await learner.does("Ready?")
    draft = await author.begins()
    await author.saves(modules=with_prompt(draft, "It wobbels."))
    published = await author.publishes(learners="move", is_material=False)
    assert (published["is_material"], published["moved"]) == (False, 1)
    assert (await learner.does("Before you climb"))["score_percent"] == 100


async def test_who_has_all_that_a_smaller_version_asks_for_finishes_by_moving(
    author: Author, learner_of: MakeLearner, committed: AsyncSession
) -> None:
    await author.creates()
    await author.publishes()
    learner = await learner_of(author.course_id)
    await learner.does("Ready?")
    draft = await author.begins()
    await author.saves(modules=draft["modules"][1:])
    await author.publishes(learners="move")
    state = await learner.state()
    assert (state["progress_percent"], state["score_percent"]) == (100, 100)
    assert (await facts(committed, learner.person_id)).count("learning.certificate_issued") == 1


async def test_who_finished_keeps_the_certificate_and_takes_a_materially_new_version_again(
    author: Author, learner_of: MakeLearner, committed: AsyncSession
) -> None:
    await author.creates()
    await author.publishes()
    learner = await learner_of(author.course_id)
    code = (await learner.does("Before you climb", "Ready?"))["certificate_code"]
    assert not (await learner.state())["must_retake"]
    draft = await author.begins()
    await author.saves(modules=[*draft["modules"], TEXT | {"title": "New law"}])
    assert (await impact(author))["must_retake"] == 1
    assert (await author.publishes(learners="move"))["must_retake"] == 1
    assert (await learner.state())["must_retake"]
    again = await asyncio.gather(*(learner.enrolls(author.course_id) for _ in range(4)))
    assert {one.status_code for one in again} <= {200, 201}
    assert len({one.json()["id"] for one in again}) == 1
    assert (await learner.state())["progress_percent"] == 0
    assert (await learner.get(f"/certificates/{code}")).json()["genuine"]
    assert (await learner.get("/certificate", course_id=author.course_id)).status_code == 200
    new_code = (await learner.does("Before you climb", "Ready?", "New law"))["certificate_code"]
    assert new_code not in (None, code)
    assert "learning.retake_required" in await facts(committed, learner.person_id)


async def test_a_typo_is_not_material_and_moves_nobody_back(author: Author, learner_of: MakeLearner) -> None:
    await author.creates()
    await author.publishes()
    learner = await learner_of(author.course_id)
    await learner.does("Before you climb", "Ready?")
    draft = await author.begins()
    await author.saves(
        title="Working at Height", modules=[draft["modules"][0] | {"body": "Check!"}, draft["modules"][1]]
    )
    told = await impact(author)
    assert (told["is_material"], told["must_retake"]) == (False, 0)
    assert (await author.publishes(learners="move"))["must_retake"] == 0
    assert not (await learner.state())["must_retake"]


async def test_publishing_twice_moves_nobody_twice(
    author: Author, learner_of: MakeLearner, committed: AsyncSession
) -> None:
    await author.creates()
    await author.publishes()
    learner = await learner_of(author.course_id)
    draft = await author.begins()
    await author.saves(modules=with_prompt(draft, "Other?"))
    answers = await asyncio.gather(*(author.publishes(learners="move") for _ in range(3)))
    assert answers[0] == answers[1] == answers[2]
    assert (await facts(committed, learner.person_id)).count("learning.moved_to_version") == 1
    assert (await facts(committed, author.course_id)).count("courses.course_published") == 2

"""From a draft to a version and its learners: what is missing, what it means for them, now, later and back."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.courses.conftest import QUIZ, TEXT, Author, Headers, written
from tests.factories import make_person


class Learner(Author):
    """Somebody in the author's course."""

    async def enrolls(self, course_id: str) -> httpx.Response:
        self.course_id = course_id
        return await self.post("/enroll", course_id=course_id)

    async def content(self) -> dict[str, Any]:
        answer = await self.get("/course-content", course_id=self.course_id)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def does(self, *titles: str, right: bool = True) -> dict[str, Any]:
        """These modules of the version that they are in, a quiz by answering it."""
        told: dict[str, Any] = {}
        for module in (await self.content())["modules"]:
            if module["title"] not in titles:
                continue
            sent: dict[str, Any] = {"course_id": self.course_id, "module_id": module["id"], "percent": 100}
            if module["kind"] == "quiz":
                answers = [
                    {
                        "question_id": question["id"],
                        "choice_ids": [one["id"] for one in question["choices"] if (one["label"] == "Stop") == right][
                            :1
                        ],
                    }
                    for question in module["questions"]
                ]
                sent["attempt"] = {"id": str(uuid.uuid4()), "answers": answers}
            answer = await self.post("/progress", **sent)
            assert answer.status_code == 200, answer.text
            told = answer.json()
        return told

    async def state(self) -> dict[str, Any]:
        items = (await self.get("/progress", course_id=self.course_id)).json()["items"]
        return dict(items[0])


MakeLearner = Callable[[], Any]


@pytest.fixture
async def learner_of(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Headers]
) -> Callable[..., Any]:
    """`await learner_of(course_id)`: enrolled."""

    async def make(course_id: str) -> Learner:
        person = await make_person(committed, "Lea Learner")
        await committed.commit()
        learner = Learner(api, token_for(person.id, "employee"), person.id)
        assert (await learner.enrolls(course_id)).status_code == 201
        return learner

    return make


async def facts(session: AsyncSession, subject: uuid.UUID | str) -> list[str]:
    statement = text("select type from event where subject_id = :s order by recorded_at, id")
    return list((await session.execute(statement, {"s": uuid.UUID(str(subject))})).scalars())


async def second_version(author: Author, **change: Any) -> dict[str, Any]:
    """A draft with these changes to the newest version."""
    await author.begins()
    return await author.saves(**change)


async def impact(author: Author) -> dict[str, Any]:
    return dict((await author.get("/publish-preview", course_id=author.course_id)).json()["impact"])


def with_prompt(document: dict[str, Any], prompt: str) -> list[dict[str, Any]]:
    text_module, quiz = document["modules"][:2]
    return [text_module, quiz | {"questions": [quiz["questions"][0] | {"prompt": prompt}]}]


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


async def test_unpublished_nobody_begins_but_learners_go_on_and_it_comes_back(
    author: Author, other: Author, learner_of: MakeLearner
) -> None:
    await author.creates(title=(title := f"Gone {uuid.uuid4().hex}"))
    await author.publishes()
    learner = await learner_of(author.course_id)
    for _ in range(2):
        answer = await author.post("/unpublish-course", course_id=author.course_id)
        assert (answer.status_code, answer.json()["state"]) == (200, "unpublished")
    assert (await author.get("/courses", search=title)).json()["items"] == []
    late = await other.post("/enroll", course_id=author.course_id)
    assert (late.status_code, late.json()["title"]) == (409, "Enrollment is closed")
    assert (await learner.does("Before you climb", "Ready?"))["completed_at"]
    for _ in range(2):
        assert (await author.post("/restore-course", course_id=author.course_id)).json()["state"] == "published"
    assert (await other.post("/enroll", course_id=author.course_id)).status_code == 201


async def test_archived_it_is_closed_for_writing_and_restored_as_it_was(author: Author, other: Author) -> None:
    await author.creates(title=(title := f"Old {uuid.uuid4().hex}"))
    await author.publishes()
    for _ in range(2):
        assert (await author.post("/archive-course", course_id=author.course_id)).json()["state"] == "archived"
    assert (await author.get("/courses", search=title)).json()["items"] == []
    assert (await other.post("/enroll", course_id=author.course_id)).status_code == 409
    for path in ("/course-drafts", "/publish-course"):
        assert (await author.post(path, course_id=author.course_id)).status_code == 409
    listed = (await author.get("/authored-courses", search=title)).json()["items"]
    assert [one["state"] for one in listed] == ["archived"]
    for _ in range(2):
        assert (await author.post("/restore-course", course_id=author.course_id)).json()["state"] == "published"
    assert len((await author.get("/courses", search=title)).json()["items"]) == 1


async def test_an_old_version_becomes_the_draft_again(author: Author) -> None:
    first = await author.creates(sections=[{"id": str(uuid.uuid4()), "title": "One"}])
    await author.publishes()
    draft = await author.begins()
    await author.saves(title="Second", modules=with_prompt(draft, "Other?")[1:])
    body = {"course_id": author.course_id, "version_id": first["version_id"]}
    restored = (await author.post("/restore-course", **body)).json()
    again = (await author.post("/restore-course", **body)).json()
    assert restored == again
    assert (restored["number"], restored["title"], restored["state"]) == (2, first["title"], "draft")
    for old, new in zip(first["modules"], restored["modules"], strict=True):
        assert (old["stem_id"], old["body"]) == (new["stem_id"], new["body"])
        assert [q["item_id"] for q in old["questions"]] == [q["item_id"] for q in new["questions"]]
    assert (await impact(author))["changes"] == []
    await author.publishes()
    third = (await author.post("/restore-course", **body)).json()
    assert (third["number"], third["state"]) == (3, "draft")
    foreign = await author.post("/restore-course", course_id=author.course_id, version_id=str(uuid.uuid4()))
    assert foreign.status_code == 404


async def test_two_versions_are_told_apart_field_by_field(author: Author) -> None:
    await author.creates(description="One\nTwo\nThree", modules=[TEXT, QUIZ, TEXT | {"title": "Gone"}])
    await author.publishes()
    draft = await author.begins()
    quiz, first = draft["modules"][1], draft["modules"][0]
    question = quiz["questions"][0] | {"feedback": "Because."}
    added = {"prompt": "New?", "choices": [{"label": "a", "is_correct": True}, {"label": "b"}]}
    await author.saves(
        description="One\n2\nThree",
        modules=[
            quiz | {"questions": [question, added]},
            first,
            {"kind": "link", "title": "L", "url": "https://a.example"},
        ],
    )
    told = (await author.get("/course-diff", course_id=author.course_id)).json()
    assert (told["from_number"], told["to_number"], told["is_material"]) == (1, 2, True)
    assert [line["op"] + line["text"] for line in told["fields"][0]["lines"]] == [" One", "-Two", "+2", " Three"]
    found = {m["title"]: m["change"] for m in told["modules"]}
    assert (found["L"], found["Gone"], found["Ready?"]) == ("added", "removed", "changed")
    assert [m["is_moved"] for m in told["modules"]].count(True) == 1
    questions = next(m for m in told["modules"] if m["title"] == "Ready?")["questions"]
    assert [(q["change"], q["prompt"]) for q in questions] == [("changed", "It wobbles."), ("added", "New?")]
    assert [field["name"] for field in questions[0]["fields"]] == ["feedback"]
    ids = {name: told[f"{name}_version_id"] for name in ("from", "to")}
    assert (await author.get("/course-diff", course_id=author.course_id, **ids)).json() == told


async def test_the_versions_are_listed_with_what_publishing_them_did(author: Author, learner_of: MakeLearner) -> None:
    await author.creates()
    await author.publishes(notes="The first.")
    await learner_of(author.course_id)
    draft = await author.begins()
    await author.saves(modules=with_prompt(draft, "Other?"))
    await author.publishes(learners="move", notes="A better question.")
    await author.begins()
    items = (await author.get("/course-versions", course_id=author.course_id)).json()["items"]
    assert [(one["number"], one["state"], one["notes"], one["moved"]) for one in items] == [
        (3, "draft", "", None),
        (2, "published", "A better question.", 1),
        (1, "superseded", "The first.", None),
    ]
    assert items[1]["changes"][0]["what"] == "questions"


async def test_what_comes_first_is_named_and_asked_for(author: Author, learner_of: MakeLearner) -> None:
    await author.creates(title="The basics")
    await author.publishes()
    basics = author.course_id
    await author.creates(prerequisites=[basics])
    await author.publishes()
    advanced = author.course_id
    learner = await learner_of(basics)
    refused = await learner.post("/enroll", course_id=advanced)
    assert (refused.status_code, refused.json()["missing"]) == (409, [{"course_id": basics, "title": "The basics"}])
    assert "The basics" in refused.json()["detail"]
    await learner.does("Before you climb", "Ready?")
    assert (await learner.post("/enroll", course_id=advanced)).status_code == 201


async def test_the_list_of_the_studio_has_own_and_shared_courses(
    author: Author, other: Author, learner_of: MakeLearner
) -> None:
    await author.creates(title=(title := f"List {uuid.uuid4().hex}%_"))
    await author.publishes()
    await learner_of(author.course_id)
    await author.begins()
    (item,) = (await author.get("/authored-courses", search=title)).json()["items"]
    assert {name: item[name] for name in ("state", "has_draft", "is_owner", "learner_count", "title")} == {
        "state": "published",
        "has_draft": True,
        "is_owner": True,
        "learner_count": 1,
        "title": title,
    }
    assert (await other.get("/authored-courses", search=title)).json()["items"] == []
    assert (await author.get("/authored-courses", search="%")).json()["items"][0]["title"] == title


@pytest.mark.parametrize("path", ["/publish-course", "/unpublish-course", "/archive-course", "/restore-course"])
async def test_only_authors_decide_on_a_course(author: Author, other: Author, path: str) -> None:
    before = await author.creates()
    assert (await other.post(path, course_id=author.course_id)).status_code == 403
    assert (await other.post(path, course_id=str(uuid.uuid4()))).status_code == 404
    assert written(await author.opens(author.course_id)) == written(before)

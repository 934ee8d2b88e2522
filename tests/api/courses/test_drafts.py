"""Writing a course: the whole document in and out, and two authors at once."""

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.models import CourseAuthor
from tests.api.courses.conftest import QUIZ, TEXT, Author, written


async def write_together(committed: AsyncSession, author: Author, other: Author) -> None:
    committed.add(CourseAuthor(course_id=uuid.UUID(author.course_id), person_id=other.person_id))
    await committed.commit()
    await other.opens(author.course_id)


async def test_what_is_saved_is_what_is_read(author: Author) -> None:
    section, module = str(uuid.uuid4()), str(uuid.uuid4())
    await author.creates()
    told = {
        "description": "**Ladders**.",
        "language": "de-AT",
        "skills": ["Ladders", "Harnesses"],
        "completion": {"rule": "weighted", "minimum_percent": 80, "minimum_watch_percent": None},
        "sections": [{"id": section, "title": "On the ground"}],
        "modules": [
            {**TEXT, "id": module, "section_id": section, "weight": 3},
            {"kind": "link", "title": "The law", "url": "https://example.com/law?a=1#b"},
            {
                "kind": "live",
                "title": "Meet",
                "settings": {"starts_at": "2027-01-01T10:00:00+01:00", "place": "Hall 2"},
            },
        ],
    }
    saved = await author.saves(**told)
    assert (await author.opens(author.course_id)) == saved
    assert saved["duration_min"] == 4
    assert [m["section_id"] for m in saved["modules"]] == [section, None, None]
    assert saved["modules"][0]["id"] == module
    assert {name: saved[name] for name in told if name != "modules"} == {
        name: told[name] for name in told if name != "modules"
    }


async def test_two_authors_at_once_lose_nothing(author: Author, other: Author, committed: AsyncSession) -> None:
    await author.creates()
    await write_together(committed, author, other)
    await author.saves(title="Ladders")
    late = await other.puts(other.document | {"title": "Harnesses"})
    assert late.status_code == 412
    assert late.headers["etag"] == late.json()["etag"] == author.etag
    assert (await other.opens(author.course_id))["title"] == "Ladders"
    await other.saves(summary="Of harnesses.")
    assert (other.document["title"], other.document["summary"]) == ("Ladders", "Of harnesses.")


async def test_of_ten_saves_at_once_one_is_written(author: Author) -> None:
    await author.creates()
    answers = await asyncio.gather(*(author.puts(author.document | {"title": f"Title {n}"}) for n in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9
    won = next(answer.json()["title"] for answer in answers if answer.status_code == 200)
    assert (await author.opens(author.course_id))["title"] == won


async def test_a_save_without_the_etag_is_refused(author: Author) -> None:
    await author.creates()
    for header in ("", "*", "7", 'W/"1"'):
        assert (await author.puts(author.document | {"title": "New"}, if_match=header)).status_code == 428
    body = author.document | {"title": "New"}
    bare = await author.client.put("/update-course", json=body, headers=author.headers)
    assert bare.status_code == 428
    assert "If-Match" in bare.json()["detail"]


async def test_a_retry_of_a_save_whose_answer_was_lost_is_harmless(author: Author) -> None:
    await author.creates()
    body = author.document | {"title": "New", "modules": [*author.document["modules"], {"kind": "text", "title": "x"}]}
    first, second = await author.puts(body), await author.puts(body)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert first.headers["etag"] == second.headers["etag"] != author.etag


async def test_parts_keep_their_ids_stems_and_items_when_they_move(author: Author) -> None:
    await author.creates(modules=[TEXT, QUIZ, TEXT | {"title": "After"}])
    before = {module["id"]: module for module in author.document["modules"]}
    after = await author.saves(modules=list(reversed(author.document["modules"])))
    assert [module["id"] for module in after["modules"]] == list(reversed(before))
    assert all(module == before[module["id"]] for module in after["modules"])


async def test_only_what_differs_is_written(author: Author, committed: AsyncSession) -> None:
    await author.creates()
    rows = text(
        "select m.xmin::text, q.xmin::text, c.xmin::text from module m left join question q on q.module_id = m.id"
        " left join choice c on c.question_id = q.id where m.version_id = :v order by m.position, c.position"
    )
    ids = {"v": author.document["version_id"]}
    before = (await committed.execute(rows, ids)).all()
    await author.saves(modules=[author.document["modules"][0] | {"title": "Changed"}, author.document["modules"][1]])
    after = (await committed.execute(rows, ids)).all()
    assert before[0] != after[0]
    assert before[1:] == after[1:]


async def test_a_removed_module_takes_its_questions_with_it(author: Author, committed: AsyncSession) -> None:
    await author.creates()
    question = author.document["modules"][1]["questions"][0]["id"]
    await author.saves(modules=author.document["modules"][:1])
    assert await committed.scalar(text("select count(*) from question where id = :q"), {"q": question}) == 0


async def test_an_edited_question_keeps_its_id_and_item(author: Author) -> None:
    await author.creates()
    quiz = author.document["modules"][1]
    edited = quiz["questions"][0] | {"prompt": "It wobbles badly."}
    saved = (await author.saves(modules=[quiz | {"questions": [edited]}]))["modules"][0]["questions"][0]
    assert (saved["id"], saved["item_id"]) == (edited["id"], edited["item_id"])
    assert saved["prompt"] == "It wobbles badly."


async def test_the_next_version_begins_as_a_copy_with_the_same_stems_and_items(author: Author) -> None:
    await author.creates(sections=[{"id": (section := str(uuid.uuid4())), "title": "One"}])
    await author.saves(modules=[m | {"section_id": section} for m in author.document["modules"]])
    await author.publishes()
    published = await author.opens(author.course_id)
    assert (published["state"], author.etag != "") == ("published", True)
    refused = await author.puts(published | {"title": "Changed"})
    assert (refused.status_code, refused.json()["title"]) == (409, "There is no draft")
    draft = await author.begins()
    assert (draft["number"], draft["state"]) == (2, "draft")
    assert draft == await author.begins()
    for old, new in zip(published["modules"], draft["modules"], strict=True):
        assert old["id"] != new["id"]
        assert old["stem_id"] == new["stem_id"]
        assert new["section_id"] == draft["sections"][0]["id"] != section
        assert [q["item_id"] for q in old["questions"]] == [q["item_id"] for q in new["questions"]]
        assert {q["id"] for q in old["questions"]}.isdisjoint(q["id"] for q in new["questions"])


async def test_an_etag_of_the_version_before_does_not_fit_the_next(author: Author) -> None:
    await author.creates()
    await author.publishes()
    old, old_etag = await author.opens(author.course_id), author.etag
    await author.begins()
    assert (await author.puts(old | {"title": "Of an old tab"}, if_match=old_etag)).status_code == 412


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"modules": [{"kind": "link", "title": "x", "url": "javascript:alert(1)"}]}, "https://"),
        ({"modules": [{"kind": "link", "title": "x", "url": "https://a@b.example"}]}, "https://"),
        ({"modules": [{"kind": "link", "title": "x", "url": "https://"}]}, "https://"),
        ({"modules": [{"kind": "live", "title": "x", "settings": {"time_zone": "../etc/passwd"}}]}, "IANA"),
        ({"modules": [{"kind": "live", "title": "x", "settings": {"starts_at": "tomorrow"}}]}, "starts_at"),
        ({"modules": [{"kind": "text", "title": "x", "settings": {"a": 1}}]}, "Extra inputs"),
        ({"modules": [{"kind": "text", "title": "x", "section_id": str(uuid.uuid4())}]}, "section"),
        ({"modules": [{"kind": "text", "title": "x", "questions": [{}]}]}, "only a quiz"),
        ({"modules": [{"kind": "text", "title": "x", "id": str(uuid.UUID(int=7))}] * 2}, "same id"),
        ({"language": "english"}, "language"),
        ({"language": "EN"}, "language"),
        ({"completion": {"rule": "weighted", "minimum_percent": 101}}, "minimum_percent"),
        ({"skills": ["x" * 61]}, "skills"),
    ],
)
async def test_a_document_that_can_not_be_is_refused(author: Author, change: dict[str, Any], words: str) -> None:
    await author.creates()
    answer = await author.puts(author.document | change)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


async def test_skills_are_kept_once_each(author: Author) -> None:
    await author.creates(skills=["  Ladders ", "ladders", "", "Rope   work", "LADDERS"])
    assert author.document["skills"] == ["Ladders", "Rope work"]


async def test_the_file_and_the_parts_of_somebody_else_are_not_to_be_had(author: Author, other: Author) -> None:
    theirs = await other.creates()
    await author.creates()
    for id_of in (module["id"] for module in theirs["modules"]):
        answer = await author.puts(author.document | {"modules": [TEXT | {"id": id_of}]})
        assert (answer.status_code, "is taken" in answer.json()["detail"]) == (409, True)
    stolen = QUIZ | {"questions": [theirs["modules"][1]["questions"][0]]}
    assert (await author.puts(author.document | {"modules": [stolen]})).status_code == 409
    missing = await author.puts(
        author.document | {"modules": [{"kind": "video", "title": "x", "media_id": str(uuid.uuid4())}]}
    )
    assert missing.status_code == 404
    assert written(await other.opens(other.course_id)) == written(theirs)


async def test_prerequisites_exist_and_make_no_circle(author: Author) -> None:
    ids = []
    for _ in range(3):
        await author.creates()
        await author.saves(prerequisites=ids[-1:])
        ids.append(author.course_id)
    await author.opens(ids[0])
    for wrong, words in (
        (ids[2], "needs this course"),
        (ids[0], "needs this course"),
        (str(uuid.uuid4()), "no published"),
    ):
        answer = await author.puts(author.document | {"prerequisites": [wrong]})
        assert answer.status_code == 422
        assert words in answer.json()["detail"]


async def test_a_draft_of_somebody_else_is_neither_read_nor_written_nor_begun(author: Author, other: Author) -> None:
    await author.creates()
    assert (await other.get("/course-draft", course_id=author.course_id)).status_code == 403
    assert (await other.puts(author.document, if_match=author.etag)).status_code == 403
    assert (await other.post("/course-drafts", course_id=author.course_id)).status_code == 403

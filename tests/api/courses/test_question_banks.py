"""Question banks over HTTP: whose they are, their items' versions, and what is refused."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.courses.conftest import TEXT, Author

Json = dict[str, Any]
ITEM = {"prompt": "It wobbles.", "choices": [{"label": "Climb"}, {"label": "Stop", "is_correct": True}]}


async def begins(author: Author, **more: Any) -> str:
    answer = await author.post("/question-banks", title="Ladders", **more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def adds(author: Author, bank_id: str, **more: Any) -> Json:
    answer = await author.post("/bank-items", **(ITEM | {"bank_id": bank_id} | more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def puts(author: Author, item: Json, revision: int | None = None, **change: Any) -> Any:
    headers = author.headers | {"If-Match": f'"{revision or item["revision"]}"'}
    return await author.client.put(f"/bank-items/{item['item_id']}", json=item | change, headers=headers)


async def drawn_by(author: Author, bank_id: str, *, emails: list[str] | None = None) -> Json:
    """A course of this author with a quiz that draws one item of the bank."""
    quiz = {"kind": "quiz", "title": "Drawn", "settings": {"draws": [{"bank_id": bank_id, "count": 1}]}}
    document = await author.creates(modules=[TEXT, quiz])
    if emails:
        body = {"course_id": author.course_id, "emails": emails}
        named = await author.client.put("/course-authors", json=body, headers=author.headers)
        assert named.status_code == 200, named.text
    return document


async def email_of(session: AsyncSession, author: Author) -> str:
    found = await session.scalar(text("select email from person where id = :id"), {"id": author.person_id})
    return str(found)


async def test_a_bank_lists_its_items_by_tag_and_words(author: Author) -> None:
    bank_id = await begins(author)
    await adds(author, bank_id, tags=["Height", " height "], prompt="100 % sure?")
    await adds(author, bank_id, tags=["fall"])
    bank = (await author.get(f"/question-banks/{bank_id}")).json()
    assert (bank["item_count"], bank["is_mine"]) == (2, True)
    assert bank["tags"] == [{"tag": "fall", "item_count": 1}, {"tag": "height", "item_count": 1}]
    assert bank in (await author.get("/question-banks")).json()["items"]
    for query, count in [({"tag": "HEIGHT"}, 1), ({"search": "100 %"}, 1), ({"search": "_"}, 0), ({}, 2)]:
        assert len((await author.get("/bank-items", bank_id=bank_id, **query)).json()["items"]) == count
    first = (await author.get("/bank-items", bank_id=bank_id, limit=1)).json()
    rest = (await author.get("/bank-items", bank_id=bank_id, limit=1, cursor=first["next"])).json()
    assert [one["prompt"] for one in first["items"] + rest["items"]] == ["It wobbles.", "100 % sure?"]
    assert rest["next"] is None


async def test_sending_it_again_makes_nothing_twice(author: Author) -> None:
    bank_id, item_id = str(uuid.uuid4()), str(uuid.uuid4())
    assert await begins(author, id=bank_id) == await begins(author, id=bank_id) == bank_id
    assert await adds(author, bank_id, item_id=item_id) == await adds(author, bank_id, item_id=item_id)
    assert (await author.get(f"/question-banks/{bank_id}")).json()["item_count"] == 1


async def test_an_edit_that_learners_see_is_a_new_version_and_others_are_not(author: Author) -> None:
    item = await adds(author, await begins(author))
    assert (item["item_version"], item["revision"]) == (1, 1)
    same = (await puts(author, item)).json()
    assert same == item
    tagged = (await puts(author, item, tags=["new"], feedback="Look first.")).json()
    assert (tagged["item_version"], tagged["revision"], tagged["feedback"]) == (1, 2, "Look first.")
    edited = await puts(author, tagged, prompt="It wobbles a lot.")
    assert (edited.json()["item_version"], edited.headers["etag"]) == (2, '"3"')
    back = (await puts(author, edited.json(), prompt="It wobbles.")).json()
    assert (back["item_version"], back["revision"]) == (1, 4)
    again = (await puts(author, back, points=2)).json()
    assert again["item_version"] == 3


async def test_two_authors_at_once_do_not_overwrite_each_other(author: Author) -> None:
    item = await adds(author, await begins(author))
    assert (await puts(author, item, prompt="Mine")).status_code == 200
    stale = await puts(author, item, prompt="Theirs")
    assert (stale.status_code, stale.headers["etag"]) == (412, '"2"')
    missing = await author.client.put(f"/bank-items/{item['item_id']}", json=item, headers=author.headers)
    assert missing.status_code == 428


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"prompt": " "}, "Write what is asked."),
        ({"choices": []}, "at least two choices"),
        ({"choices": [{"label": "a"}, {"label": "b"}]}, "Mark the right choice."),
        ({"choices": [{"label": "a", "is_correct": True}, {"label": "A"}]}, "read the same"),
        ({"kind": "matching"}, "its partner"),
        ({"kind": "numeric"}, "Give the right number."),
        ({"kind": "short_text"}, "accepted answer"),
        ({"kind": "cloze", "prompt": "no gap"}, "Mark a gap"),
        ({"kind": "cloze", "prompt": "{{1}} {{1}}", "spec": {"gaps": [{"accepted": ["a"]}] * 2}}, "once each"),
        ({"kind": "cloze", "prompt": "{{1}}", "spec": {"gaps": [{}]}}, "for each gap"),
        ({"spec": {"value": 1e300}}, "less than or equal"),
        ({"spec": {"colour": 1}}, "Extra inputs"),
        ({"points": 0}, "greater than or equal"),
        ({"tags": ["\x00"]}, "pattern"),
    ],
)
async def test_an_item_that_can_not_be_asked_is_refused(author: Author, change: Json, detail: str) -> None:
    answer = await author.post("/bank-items", **(ITEM | {"bank_id": await begins(author)} | change))
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]


async def test_a_bank_of_somebody_else_is_not_there(author: Author, other: Author) -> None:
    bank_id = await begins(author)
    item = await adds(author, bank_id)
    quiz = {"kind": "quiz", "title": "Q", "settings": {"draws": [{"bank_id": bank_id, "count": 1}]}}
    asked = [
        await other.get(f"/question-banks/{bank_id}"),
        await other.get("/bank-items", bank_id=bank_id),
        await other.post("/bank-items", **(ITEM | {"bank_id": bank_id})),
        await puts(other, item, prompt="Theirs"),
        await other.client.delete(f"/bank-items/{item['item_id']}", headers=other.headers),
        await other.client.delete(f"/question-banks/{bank_id}", headers=other.headers),
        await other.post("/create-course", title="T", summary="s", category="c", difficulty="beginner", modules=[quiz]),
    ]
    assert [answer.status_code for answer in asked] == [404] * 7
    assert bank_id not in (await other.get("/question-banks")).text
    assert (await other.post("/question-banks", id=bank_id, title="Mine now")).status_code == 409


async def test_a_co_author_draws_from_the_bank_and_only_its_owner_writes_it(
    author: Author, other: Author, committed: AsyncSession
) -> None:
    bank_id = await begins(author)
    item = await adds(author, bank_id)
    await drawn_by(author, bank_id, emails=[await email_of(committed, other)])
    seen = (await other.get(f"/question-banks/{bank_id}")).json()
    assert (seen["is_mine"], seen["owner_name"]) == (False, "Cleo Ray")
    assert len((await other.get("/bank-items", bank_id=bank_id)).json()["items"]) == 1
    assert (await puts(other, item, prompt="Theirs")).status_code == 403
    assert (await other.post("/bank-items", **(ITEM | {"bank_id": bank_id}))).status_code == 403
    await drawn_by(other, bank_id)


async def test_a_bank_that_a_draft_draws_from_is_not_deleted_and_a_published_quiz_keeps_its_copies(
    author: Author, committed: AsyncSession
) -> None:
    bank_id = await begins(author)
    item = await adds(author, bank_id)
    await adds(author, bank_id)
    await drawn_by(author, bank_id)
    refused = await author.client.delete(f"/question-banks/{bank_id}", headers=author.headers)
    assert (refused.status_code, "Working at height" in refused.json()["detail"]) == (409, True)
    assert (await puts(author, item, prompt="Edited before")).status_code == 200
    await author.publishes()
    gone = await author.client.delete(f"/question-banks/{bank_id}", headers=author.headers)
    assert gone.status_code == 204
    assert (await author.get("/bank-items", bank_id=bank_id)).status_code == 404
    statement = text(
        "select q.prompt, q.item_id::text, q.item_version from question q join module m on m.id = q.module_id"
        " join course_version v on v.id = m.version_id where v.course_id = :course and q.draws = '{0}'"
    )
    rows = (await committed.execute(statement, {"course": uuid.UUID(author.course_id)})).all()
    assert ("Edited before", item["item_id"], 2) in [tuple(row) for row in rows]
    assert len(rows) == 2
    drafted = await author.begins()
    assert drafted["modules"][1]["questions"] == []
    failed = await author.post("/publish-course", course_id=author.course_id)
    assert (failed.status_code, "0 of the 1 items" in failed.text) == (409, True)


async def test_an_image_must_be_the_owners_own(author: Author) -> None:
    image = {"media_id": str(uuid.uuid4()), "alt": "A ladder"}
    answer = await author.post("/bank-items", **(ITEM | {"bank_id": await begins(author), "image": image}))
    assert (answer.status_code, "no image of yours" in answer.json()["detail"]) == (404, True)


async def test_each_write_leaves_its_entry_in_the_audit_log(author: Author, committed: AsyncSession) -> None:
    bank_id = await begins(author)
    item = await adds(author, bank_id)
    await puts(author, item, prompt="Other")
    await author.client.put(f"/question-banks/{bank_id}", json={"title": "New"}, headers=author.headers)
    await author.client.delete(f"/bank-items/{item['item_id']}", headers=author.headers)
    await author.client.delete(f"/question-banks/{bank_id}", headers=author.headers)
    statement = text("select action from audit_entry where target_id = any(:ids) order by seq")
    actions = (await committed.execute(statement, {"ids": [bank_id, item["item_id"]]})).scalars().all()
    assert [action.removeprefix("courses.") for action in actions] == [
        "question_bank_created",
        "bank_item_created",
        "bank_item_changed",
        "question_bank_changed",
        "bank_item_deleted",
        "question_bank_deleted",
    ]

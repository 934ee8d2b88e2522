"""Notes and bookmarks are one's own, comments those of a course; all keep their place through newer versions."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.learning.service import enroll
from tests.factories import make_course, make_person, modules_of

Headers = dict[str, str]


@dataclass
class Class:
    api: httpx.AsyncClient
    session: AsyncSession
    course: str
    module: str
    author: Headers
    one: Headers
    other: Headers
    outsider: Headers

    async def ask(self, who: Headers, method: str, path: str, expected: int = 200, **sent: Any) -> Any:
        body = {"params": sent} if method in ("GET", "DELETE") else {"json": sent}
        answer = await self.api.request(method, path, headers=who, **body)
        assert answer.status_code == expected, answer.text
        return answer.json() if answer.content else None

    async def note(self, who: Headers, words: str, expected: int = 201, **sent: Any) -> str:
        given = {"id": str(uuid.uuid4()), "module_id": self.module, "text": words} | sent
        await self.ask(who, "POST", "/notes", expected, **given)
        return str(given["id"])

    async def say(self, who: Headers, words: str, expected: int = 201, **sent: Any) -> str:
        given = {"id": str(uuid.uuid4()), "module_id": self.module, "text": words} | sent
        await self.ask(who, "POST", "/comments", expected, **given)
        return str(given["id"])

    async def threads(self, who: Headers) -> list[dict[str, Any]]:
        return list((await self.ask(who, "GET", "/comments", module_id=self.module))["items"])


@pytest.fixture
async def room(api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Headers]) -> Class:
    author = await make_person(committed, "Ann Author", roles=("creator",))
    one, other, outsider = [await make_person(committed, name) for name in ("Ada Ito", "Bo Lund", "Out Sider")]
    course = await make_course(committed, author)
    for person in (one, other):
        await enroll(committed, person_id=person.id, course_id=course.id)
    module = (await modules_of(committed, course))[0]
    await committed.commit()
    return Class(
        *(api, committed, str(course.id), str(module.id), token_for(author.id, "employee", "creator")),
        *(token_for(person.id) for person in (one, other, outsider)),
    )


async def test_a_note_is_kept_once_found_changed_and_deleted_by_its_writer_alone(room: Class) -> None:
    note_id = await room.note(room.one, "Check the <b>hook</b>\u202e twice.", at_s=123.456)
    await room.note(room.one, "Sent again.", 200, id=note_id)
    (kept,) = (await room.ask(room.one, "GET", "/notes", search="HOOK", course_id=room.course))["items"]
    assert (kept["text"], kept["at_s"], kept["is_there"]) == ("Check the <b>hook</b> twice.", 123.46, True)
    assert (kept["course_title"], kept["module_title"]) == ("Safe data", "Read this")
    for stranger in (room.other, room.author, room.outsider):
        assert (await room.ask(stranger, "GET", "/notes"))["items"] == []
        await room.ask(stranger, "PUT", f"/notes/{note_id}", 404, text="Mine now.")
        await room.ask(stranger, "DELETE", f"/notes/{note_id}", 204)
    await room.note(room.other, "With the same id.", 409, id=note_id)
    await room.note(room.outsider, "Not enrolled.", 404)
    await room.note(room.one, "\u202e \u0000", 422)
    changed = await room.ask(room.one, "PUT", f"/notes/{note_id}", text="Once is enough.", at_s=None)
    assert (changed["text"], changed["at_s"]) == ("Once is enough.", None)
    for _ in range(2):
        await room.ask(room.one, "DELETE", f"/notes/{note_id}", 204)
    assert (await room.ask(room.one, "GET", "/notes"))["items"] == []
    assert await room.note(room.one, "Undone.", 201, id=note_id), "what the page deleted it can post again"
    events = "select count(*) from event where payload::text ~ 'hook|Undone'"
    assert await room.session.scalar(text(events)) == 0, "what somebody wrote can be erased: no event has it"


async def test_notes_come_in_pages_and_follow_the_step_to_a_newer_version(room: Class) -> None:
    for n in range(5):
        await room.note(room.one, f"Note {n}")
    first = await room.ask(room.one, "GET", "/notes", limit=3)
    second = await room.ask(room.one, "GET", "/notes", limit=3, cursor=first["next"])
    assert [one["text"] for one in first["items"] + second["items"]] == [f"Note {n}" for n in (4, 3, 2, 1, 0)]
    assert second["next"] is None
    await room.ask(room.author, "POST", "/course-drafts", 201, course_id=room.course)
    await room.session.execute(
        text(
            "update module set title = 'Read that' where version_id in (select id from course_version where number = 2)"
        )
    )
    await room.session.execute(
        text("update course_version set published_at = now() where number = 2 and course_id = :id"), {"id": room.course}
    )
    query = "update {} where course_id = :id".format
    newest = "(select id from course_version where course_id = :id and number = 2)"
    await room.session.execute(text(query(f"enrollment set version_id = {newest}")), {"id": room.course})
    await room.session.commit()
    moved = (await room.ask(room.one, "GET", "/notes", module_id=room.module))["items"]
    assert len(moved) == 5
    assert {(one["module_title"], one["is_there"]) for one in moved} == {("Read that", True)}
    assert room.module not in {one["module_id"] for one in moved}


async def test_a_bookmark_is_a_course_a_step_or_a_place_and_twice_is_once(room: Class) -> None:
    course, step = {"course_id": room.course}, {"course_id": room.course, "module_id": room.module}
    for place in (course, step, step | {"at_s": 61.5}) * 2:
        await room.ask(room.one, "PUT", "/bookmarks", 204, **place)
    kept = (await room.ask(room.one, "GET", "/bookmarks"))["items"]
    assert [(one["module_title"], one["at_s"], one["is_there"]) for one in kept] == [
        *(("Read this", 61.5, True), ("Read this", None, True), (None, None, True))
    ]
    await room.ask(room.outsider, "PUT", "/bookmarks", 204, **course)
    await room.ask(room.outsider, "PUT", "/bookmarks", 404, **step)
    await room.ask(room.outsider, "DELETE", "/bookmarks", 204, **step)
    for place in (step | {"at_s": 61.5}, course):
        await room.ask(room.one, "DELETE", "/bookmarks", 204, **place)
    assert [one["at_s"] for one in (await room.ask(room.one, "GET", "/bookmarks"))["items"]] == [None]


async def test_comments_are_read_by_who_learns_and_answered_one_level_deep(room: Class) -> None:
    asked = await room.say(room.one, "Which <i>hook</i>?", at_s=9)
    await room.say(room.one, "Sent again.", 200, id=asked)
    answer = await room.say(room.author, "The red one.", parent_id=asked)
    await room.say(room.other, "An answer to an answer.", 404, parent_id=answer)
    await room.say(room.outsider, "Hello!", 404)
    await room.ask(room.outsider, "GET", "/comments", 404, module_id=room.module)
    (thread,) = await room.threads(room.other)
    said = [(one["name"], one["text"], one["is_author"], one["is_mine"]) for one in (thread, *thread["replies"])]
    assert said == [("Ada Ito", "Which <i>hook</i>?", False, False), ("Ann Author", "The red one.", True, False)]
    await room.ask(room.other, "PUT", f"/comments/{asked}", 404, text="Mine now.")
    await room.ask(room.other, "DELETE", f"/comments/{asked}", 204)
    await room.ask(room.one, "PUT", f"/comments/{asked}", 204, text="Which rope?")
    await room.session.execute(text("update comment set created_at = created_at - interval '16 minutes'"))
    await room.session.commit()
    await room.ask(room.one, "PUT", f"/comments/{asked}", 409, text="Which hat?")
    assert [one["text"] for one in await room.threads(room.other)] == ["Which rope?"]
    await room.ask(room.one, "DELETE", f"/comments/{asked}", 204)
    (left,) = await room.threads(room.one)
    assert (left["is_deleted"], left["text"], left["name"], len(left["replies"])) == (True, "", "", 1)
    assert await room.session.scalar(text("select text from comment where id = :id"), {"id": asked}) == ""
    await room.ask(room.author, "DELETE", f"/comments/{answer}", 204)
    assert await room.threads(room.one) == []


async def test_authors_hide_with_a_reason_that_the_audit_log_keeps(room: Class) -> None:
    rude = await room.say(room.one, "Only fools fall.")
    for _ in range(2):
        await room.ask(room.other, "PUT", "/comment-reports", 204, comment_id=rude)
    await room.ask(room.outsider, "PUT", "/comment-reports", 404, comment_id=rude)
    assert [(await room.threads(who))[0]["reports"] for who in (room.author, room.other)] == [1, 0]
    hide = {"comment_id": rude, "is_hidden": True}
    await room.ask(room.other, "PUT", "/comment-visibility", 403, **hide, reason="!")
    await room.ask(room.author, "PUT", "/comment-visibility", 422, **hide)
    for _ in range(2):
        await room.ask(room.author, "PUT", "/comment-visibility", 204, **hide, reason="It insults.")
    shown = [(await room.threads(who))[0] for who in (room.author, room.one, room.other)]
    assert [(one["is_hidden"], one["text"]) for one in shown] == [
        *((True, "Only fools fall."), (True, "Only fools fall."), (True, ""))
    ]
    entry = "select note from audit_entry where action = 'learning.comment_hidden' and target_id = :id"
    assert (await room.session.execute(text(entry), {"id": rude})).scalars().all() == ["It insults."]
    await room.ask(room.author, "PUT", "/comment-visibility", 204, comment_id=rude, is_hidden=False)
    assert (await room.threads(room.other))[0]["text"] == "Only fools fall."

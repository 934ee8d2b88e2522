"""Live sessions: the author says who came; learners have the date in their calendar."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.models import CourseAuthor, Module
from api.learning.service import enroll
from tests.factories import make_course, make_person, modules_of

BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
SETTINGS = {
    "starts_at": BEGAN.isoformat(),
    "ends_at": (BEGAN + timedelta(hours=3)).isoformat(),
    "time_zone": "Europe/Berlin",
    "place": "https://call.example.com/x;y,z",
    "capacity": 12,
}


@dataclass
class Session:
    api: httpx.AsyncClient
    db: AsyncSession
    course_id: uuid.UUID
    module_id: uuid.UUID
    people: list[uuid.UUID]
    """Two learners; the author, a co-author, another creator and somebody who isn't enrolled are in `as_`."""
    as_: dict[str, dict[str, str]]

    async def listed(self, whom: str = "author") -> httpx.Response:
        return await self.api.get("/live-attendance", params={"module_id": str(self.module_id)}, headers=self.as_[whom])

    async def mark(self, *marks: tuple[int, str], whom: str = "author") -> httpx.Response:
        people = [{"person_id": str(self.people[n]), "status": status} for n, status in marks]
        body = {"module_id": str(self.module_id), "people": people}
        return await self.api.put("/live-attendance", json=body, headers=self.as_[whom])

    async def calendar(self, whom: str) -> httpx.Response:
        return await self.api.get("/live-calendar", params={"module_id": str(self.module_id)}, headers=self.as_[whom])

    async def facts(self, kind: str) -> list[dict[str, Any]]:
        told = text("select actor_id, subject_id from event where type = :kind and payload ->> 'course_id' = :c")
        rows = await self.db.execute(told, {"kind": kind, "c": str(self.course_id)})
        return [dict(row) for row in rows.mappings()]


async def held(
    api: httpx.AsyncClient, db: AsyncSession, token_for: Callable[..., dict[str, str]], settings: dict[str, Any]
) -> Session:
    author, helper, other = [await make_person(db, name, roles=("creator",)) for name in ("Au", "Co", "Other")]
    learners = [await make_person(db, name) for name in ("Ben", "Ada")]
    stranger = await make_person(db, "Stranger")
    module = Module(position=1, kind="live", title="First aid", duration_s=10800, settings=settings)
    course = await make_course(db, author, "First aid course", modules=[module])
    db.add(CourseAuthor(course_id=course.id, person_id=helper.id))
    for person in learners:
        await enroll(db, person_id=person.id, course_id=course.id)
    (found,) = await modules_of(db, course)
    await db.commit()
    creators = {"author": author, "co-author": helper, "other": other}
    as_ = {name: token_for(person.id, "employee", "creator") for name, person in creators.items()}
    as_ |= {"learner": token_for(learners[0].id), "stranger": token_for(stranger.id)}
    return Session(api, db, course.id, found.id, [person.id for person in learners], as_)


@pytest.fixture
async def live(api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]) -> Session:
    return await held(api, committed, token_for, SETTINGS)


async def test_the_author_says_who_came_and_they_are_done_by_the_authors_word(live: Session) -> None:
    before = (await live.listed()).json()
    assert [(one["name"], one["status"], one["is_done"]) for one in before["people"]] == [
        ("Ada", None, False),
        ("Ben", None, False),
    ]
    assert (before["enrolled"], before["live"]["place"]) == (2, SETTINGS["place"])
    answer = await live.mark((0, "present"), (1, "excused"))
    assert {one["name"]: one["is_done"] for one in answer.json()["people"]} == {"Ada": False, "Ben": True}
    progress = await live.api.get("/progress", headers=live.as_["learner"])
    assert progress.json()["items"][0]["completed_at"] is not None
    (done,) = await live.facts("learning.module_completed")
    assert done["subject_id"] == live.people[0]
    assert done["actor_id"] != live.people[0]
    assert len(await live.facts("learning.attendance_marked")) == 2


async def test_marking_twice_is_once_and_marking_otherwise_corrects_the_list_only(live: Session) -> None:
    for _ in range(2):
        assert (await live.mark((0, "present"), whom="co-author")).status_code == 200
    assert len(await live.facts("learning.attendance_marked")) == 1
    (person,) = (await live.mark((0, "absent"))).json()["people"]
    assert (person["status"], person["is_done"]) == ("absent", True)
    assert len(await live.facts("learning.module_completed")) == 1
    statement = text("select after from audit_entry where action = 'learning.attendance_marked' order by seq desc")
    assert (await live.db.execute(statement)).scalars().first() == {str(live.people[0]): "absent"}


async def test_nobody_else_sees_or_writes_the_list_and_nobody_marks_themselves(live: Session) -> None:
    for whom, status in (("other", 403), ("learner", 403), ("stranger", 403)):
        assert (await live.listed(whom)).status_code == status
        assert (await live.mark((0, "present"), whom=whom)).status_code == status
    ids = {"course_id": str(live.course_id), "module_id": str(live.module_id)}
    claimed = await live.api.post("/progress", json={**ids, "percent": 100}, headers=live.as_["learner"])
    assert claimed.json()["module"]["percent"] == 0


async def test_who_is_not_enrolled_and_what_has_not_begun_is_not_marked(
    live: Session, api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]
) -> None:
    live.people.append(uuid.uuid4())
    refused = await live.mark((0, "present"), (2, "present"))
    assert (refused.status_code, await live.facts("learning.attendance_marked")) == (404, [])
    tomorrow = {**SETTINGS, "starts_at": (BEGAN + timedelta(days=1)).isoformat(), "ends_at": None}
    for settings in (tomorrow, {}):
        later = await held(api, committed, token_for, settings)
        assert (await later.mark((0, "present"))).status_code == 409


async def test_a_learner_has_the_session_in_their_calendar_and_content(live: Session) -> None:
    answer = await live.calendar("learner")
    assert answer.headers["content-type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.decoded("dtstart") == BEGAN
    assert event["dtstart"].params["TZID"] == "Europe/Berlin"
    assert (str(event["summary"]), str(event["location"])) == ("First aid", SETTINGS["place"])
    assert (await live.calendar("co-author")).status_code == 200
    assert (await live.calendar("stranger")).status_code == 404
    params = {"course_id": str(live.course_id)}
    content = await live.api.get("/course-content", params=params, headers=live.as_["learner"])
    told = content.json()["modules"][0]["live"]
    assert datetime.fromisoformat(told["starts_at"]) == BEGAN
    assert told["time_zone"] == "Europe/Berlin"

"""Seats, the manager's yes, the waiting list and giving back, over HTTP and with real concurrency."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.core.settings import Settings
from api.courses.models import Course, Module
from api.learning.requests import state_of
from api.learning.tasks import fill_seats
from api.people.models import Delegation, Person
from tests.factories import make_course, make_person, make_requirement, modules_of

NOW = datetime.now(UTC)


@dataclass
class Place:
    """Two managers with teams, an author who is a creator, an officer, and courses with limits."""

    client: httpx.AsyncClient
    db: AsyncSession
    headers: Callable[..., dict[str, str]]
    people: dict[str, Person] = field(default_factory=dict)

    async def send(self, who: str, method: str, path: str, *roles: str, **more: Any) -> httpx.Response:
        headers = self.headers(self.people[who].id, *roles) if roles else self.headers(self.people[who].id)
        return await self.client.request(method, path, headers=headers, **more)

    async def enroll(self, who: str, course: Course) -> tuple[int, str | None, int | None]:
        answer = await self.send(who, "POST", "/enroll", json={"course_id": str(course.id)})
        told = answer.json()
        return answer.status_code, told.get("status"), told.get("position")

    async def withdraw(self, who: str, course: Course) -> httpx.Response:
        return await self.send(who, "POST", "/withdraw", json={"course_id": str(course.id)})

    async def asked(self, who: str, *roles: str) -> dict[str, str]:
        """By the name of who asks, the request's id, of those that wait for this one's decision."""
        items = (await self.send(who, "GET", "/enrollment-requests", *roles)).json()["items"]
        return {item["person"]["name"]: item["id"] for item in items}

    async def decide(self, who: str, request: str, decision: str, *roles: str, reason: str = "") -> httpx.Response:
        body = {"request_id": request, "decision": decision, "reason": reason}
        return await self.send(who, "POST", "/decide-enrollment", *roles, json=body)

    async def limits(self, course: Course, **limits: Any) -> httpx.Response:
        body = {"course_id": str(course.id), **limits}
        return await self.send("author", "PUT", "/course-settings", "employee", "creator", json=body)

    async def course(self, title: str, **limits: Any) -> Course:
        modules = [Module(position=1, kind="text", title="Text", duration_s=60, body="Read.")]
        course = await make_course(self.db, self.people["author"], title, modules=modules)
        for name, value in limits.items():
            setattr(course, name, value)
        await self.db.commit()
        return course

    async def facts(self, who: str) -> list[str]:
        statement = text("select type from event where subject_id = :p order by xid, id")
        types = (await self.db.execute(statement, {"p": self.people[who].id})).scalars()
        return [one.removeprefix("learning.") for one in types]

    async def status(self, who: str, course: Course) -> str | None:
        await self.db.commit()
        return (await state_of(self.db, self.people[who].id, course.id)).status


@pytest.fixture
async def place(api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]) -> Place:
    found = Place(api, committed, token_for)
    made = found.people
    made["chief"] = await make_person(committed, "Chief")
    made["lead"] = await make_person(committed, "Lead", manager=made["chief"])
    made["stranger"] = await make_person(committed, "Stranger", manager=made["chief"])
    made["author"] = await make_person(committed, "Author", manager=made["chief"], roles=("creator",))
    made["officer"] = await make_person(committed, "Officer", roles=("officer",))
    for name in ("ada", "bob", "eve", "joe"):
        made[name] = await make_person(committed, name.title(), manager=made["lead"])
    await committed.commit()
    return found


async def test_the_full_course_has_a_list_and_a_seat_given_back_goes_to_its_first(place: Place) -> None:
    course = await place.course("Welding", capacity=1)
    assert [await place.enroll(who, course) for who in ("ada", "bob", "eve", "bob")] == [
        (201, None, None),
        (202, "waiting", 1),
        (202, "waiting", 2),
        (202, "waiting", 1),
    ]
    assert (await place.withdraw("ada", course)).json()["was_enrolled"] is True
    assert (await place.withdraw("ada", course)).json()["was_enrolled"] is False
    assert await place.status("bob", course) == "enrolled"
    assert await place.enroll("bob", course) == (200, None, None)
    assert await place.enroll("ada", course) == (202, "waiting", 2)
    assert await place.facts("bob") == ["enrollment_waitlisted", "enrolled", "enrollment_promoted"]
    assert await place.facts("ada") == ["enrolled", "withdrawn", "enrollment_waitlisted"]
    await place.withdraw("eve", course)
    state = await state_of(place.db, place.people["ada"].id, course.id)
    assert (state.position, state.waiting_count, state.seats_left, state.capacity) == (1, 1, 0, 1)


@pytest.mark.parametrize("seats", [1, 3])
async def test_clicks_at_once_never_sell_a_seat_twice(place: Place, seats: int) -> None:
    course = await place.course("Crane", capacity=seats)
    crowd = [f"p{n}" for n in range(8)]
    for name in crowd:
        place.people[name] = await make_person(place.db, name, manager=place.people["lead"])
    await place.db.commit()
    answers = await asyncio.gather(*(place.enroll(name, course) for name in (*crowd, *crowd)))
    assert sum(status == 201 for status, _, _ in answers) == seats
    positions = {position for status, _, position in answers if status == 202}
    assert positions == set(range(1, len(crowd) - seats + 1))
    inside = [name for name in crowd if await place.status(name, course) == "enrolled"]
    assert len(inside) == seats
    outside = [name for name in crowd if name not in inside]
    mixed = [place.withdraw(name, course) for name in inside] + [place.enroll(name, course) for name in outside]
    await asyncio.gather(*mixed)
    assert sum([await place.status(name, course) == "enrolled" for name in crowd]) == seats


async def test_who_finishes_leaves_a_seat_and_what_is_finished_is_not_given_back(
    place: Place, settings: Settings
) -> None:
    course = await place.course("Forklift", capacity=1)
    await place.enroll("ada", course)
    await place.enroll("bob", course)
    module = (await modules_of(place.db, course))[0]
    body = {"course_id": str(course.id), "module_id": str(module.id), "percent": 100}
    assert (await place.send("ada", "POST", "/progress", json=body)).json()["completed_at"]
    refused = await place.withdraw("ada", course)
    assert (refused.status_code, refused.json()["title"]) == (409, "A finished course stays")
    jobs = text("select task_name, args from procrastinate_jobs where status = 'todo' order by id")
    todo = dict((await place.db.execute(jobs)).tuples().all())
    assert set(todo) >= {"follow_completion", "fill_seats"}
    engine = make_engine(settings.database_url, pool_size=2)
    for _ in range(2):
        await fill_seats(Context(settings, make_sessions(engine)), course_id=todo["fill_seats"]["course_id"])
    await engine.dispose()
    assert await place.status("bob", course) == "enrolled"


async def test_the_manager_says_yes_first_and_then_a_seat_is_needed(place: Place) -> None:
    course = await place.course("Coaching", capacity=1, needs_approval=True)
    for who in ("ada", "bob", "eve", "ada"):
        assert await place.enroll(who, course) == (202, "pending_approval", None)
    asked = await place.asked("lead")
    assert set(asked) == {"Ada", "Bob", "Eve"}
    assert (await place.decide("lead", asked["Bob"], "approve")).json()["status"] == "enrolled"
    assert (await place.decide("lead", asked["Ada"], "approve")).json()["status"] == "waiting"
    without_reason = await place.decide("lead", asked["Eve"], "decline", reason="  ")
    assert without_reason.status_code == 422
    first = await place.decide("lead", asked["Eve"], "decline", reason="After the audit.")
    again = await place.decide("lead", asked["Eve"], "decline", reason="Never.")
    assert first.json() == again.json()
    other = await place.decide("lead", asked["Eve"], "approve")
    assert (other.status_code, other.json()["title"]) == (409, "It is decided already")
    assert await place.asked("lead") == {}
    assert await place.facts("bob") == ["enrollment_requested", "enrollment_approved", "enrolled"]
    assert await place.facts("ada") == ["enrollment_requested", "enrollment_approved", "enrollment_waitlisted"]
    mine = (await place.send("eve", "GET", "/enrollment-requests?mine=true")).json()["items"]
    assert [(one["status"], one["reason"]) for one in mine] == [("declined", "After the audit.")]
    await place.withdraw("bob", course)
    assert await place.status("ada", course) == "enrolled"
    assert await place.enroll("eve", course) == (202, "pending_approval", None)
    log = text("select action from audit_entry where target_id = any(:people) order by seq")
    people = [str(place.people[who].id) for who in ("ada", "bob", "eve")]
    approved, declined = "learning.enrollment_approved", "learning.enrollment_declined"
    assert list((await place.db.execute(log, {"people": people})).scalars()) == [approved, approved, declined]


async def test_only_who_leads_them_decides_and_an_officer_for_whom_nobody_leads(place: Place) -> None:
    course = await place.course("Coaching two", needs_approval=True)
    for who in ("ada", "chief", "author", "officer"):
        await place.enroll(who, course)
    requests = await place.asked("chief") | await place.asked("officer", "employee", "manager", "officer")
    assert set(requests) == {"Ada", "Author", "Chief"}, "nobody decides for themselves"
    for who in ("stranger", "bob", "ada", "author"):
        assert await place.asked(who) == {}
        assert (await place.decide(who, requests["Ada"], "approve")).status_code == 404
    assert set(await place.asked("officer", "employee", "manager", "officer")) == {"Chief"}
    hidden = await place.decide("officer", requests["Ada"], "approve", "employee", "manager", "officer")
    assert hidden.status_code == 404
    yes = await place.decide("officer", requests["Chief"], "approve", "employee", "manager", "officer")
    assert yes.json()["status"] == "enrolled"
    delegation = Delegation(
        delegator_id=place.people["lead"].id,
        delegate_id=place.people["stranger"].id,
        valid_from=NOW - timedelta(days=1),
        valid_until=NOW + timedelta(days=1),
    )
    place.db.add(delegation)
    await place.db.commit()
    assert set(await place.asked("stranger")) == {"Ada"}
    assert (await place.decide("stranger", requests["Ada"], "approve")).json()["status"] == "enrolled"
    taken_back = await place.decide("chief", str(uuid.uuid4()), "approve")
    assert taken_back.status_code == 404


async def test_who_must_learn_it_passes_approval_and_a_full_course(place: Place) -> None:
    course = await place.course("Fire safety", capacity=1)
    await place.enroll("ada", course)
    assert await place.enroll("bob", course) == (202, "waiting", 1)
    await make_requirement(place.db, course)
    await place.db.commit()
    assert await place.enroll("bob", course) == (201, None, None)
    assert await place.status("bob", course) == "enrolled"


async def test_more_seats_and_no_more_approval_let_people_in_at_once(place: Place) -> None:
    course = await place.course("Spanish", capacity=1)
    for who in ("ada", "bob", "eve", "joe"):
        await place.enroll(who, course)
    raised = await place.limits(course, capacity=3, certificate_valid_months=24)
    told = raised.json()
    assert (told["seats_taken"], told["waiting_count"], told["certificate_valid_months"]) == (3, 1, 24)
    assert [await place.status(who, course) for who in ("bob", "eve", "joe")] == ["enrolled", "enrolled", "waiting"]
    lowered = await place.limits(course, capacity=1)
    assert (lowered.json()["seats_taken"], lowered.json()["waiting_count"]) == (3, 1)
    assert (await place.limits(course)).json()["waiting_count"] == 0
    await place.limits(course, needs_approval=True)
    await place.withdraw("joe", course)
    assert await place.enroll("joe", course) == (202, "pending_approval", None)
    assert (await place.limits(course)).json()["pending_count"] == 0
    assert await place.status("joe", course) == "enrolled"
    body = {"course_id": str(course.id), "capacity": 1}
    assert (await place.send("ada", "PUT", "/course-settings", "employee", "creator", json=body)).status_code == 403
    assert (await place.limits(course, capacity=0)).status_code == 422


async def test_who_learns_again_after_giving_back_begins_anew(place: Place) -> None:
    course = await place.course("Anew")
    await place.enroll("ada", course)
    module = (await modules_of(place.db, course))[0]
    body = {"course_id": str(course.id), "module_id": str(module.id), "percent": 40}
    assert (await place.send("ada", "POST", "/progress", json=body)).json()["progress_percent"] == 40
    await place.withdraw("ada", course)
    assert (await place.send("ada", "POST", "/progress", json=body)).status_code == 409
    assert await place.enroll("ada", course) == (201, None, None)
    items = (await place.send("ada", "GET", f"/progress?course_id={course.id}")).json()["items"]
    assert [item["progress_percent"] for item in items] == [0]
    assert (await place.withdraw("bob", course)).json()["was_enrolled"] is False

"""Learning paths: rules as tables, and whole ways over HTTP with the jobs that follow from finished courses."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, make_sessions
from api.core.jobs import TASKS, Context
from api.core.settings import Settings
from api.courses.models import Course, Module
from api.paths import tasks
from api.paths.rules import Step, is_finished, percent, states, to_begin
from api.people.models import Person
from tests.factories import make_course, make_person, modules_of

ONE, TWO, THREE = (uuid.UUID(int=n) for n in (1, 2, 3))
DONE = {"is_done": True, "percent": 100}
GONE: dict[str, Any] = {"is_offered": False}
RULES: dict[str, tuple[list[dict[str, Any]], list[str], uuid.UUID | None, int, bool]] = {
    "at the start the first is open": ([{}, {}], ["open", "locked"], ONE, 0, False),
    "what is begun goes on": ([{"status": "going", "percent": 40}, {}], ["going", "locked"], None, 20, False),
    "a done one opens the next": ([DONE, {}, {}], ["done", "open", "locked"], TWO, 33, False),
    "done out of order counts": ([{}, DONE, {}], ["open", "done", "locked"], ONE, 33, False),
    "who waits is not sent again": ([{"status": "waiting"}, {}], ["waiting", "locked"], None, 0, False),
    "what they left is theirs to begin again": ([{"was_left": True}, {}], ["open", "locked"], None, 0, False),
    "an optional one holds nobody up": ([{"is_required": False}, {}], ["open", "open"], TWO, 0, False),
    "nor is it needed at the end": ([DONE, {"is_required": False}], ["done", "open"], None, 100, True),
    "what is gone asks for nothing": ([GONE, DONE, {}], ["gone", "done", "open"], THREE, 50, False),
    "all done is finished": ([DONE, DONE], ["done", "done"], None, 100, True),
    "nothing to do is not finished": ([GONE, {"is_required": False}], ["gone", "open"], None, 0, False),
    "a hair before the end": ([DONE, {"status": "going", "percent": 100}], ["done", "going"], None, 99, False),
}


@pytest.mark.parametrize("name", RULES)
def test_an_ordered_path_opens_one_course_after_another(name: str) -> None:
    given, shown, begins, done, finished = RULES[name]
    steps = [Step(uuid.UUID(int=n), **one) for n, one in enumerate(given, 1)]
    assert states(steps, is_ordered=True) == shown
    assert to_begin(steps, is_ordered=True) == begins
    assert (percent(steps), is_finished(steps)) == (done, finished)
    assert "locked" not in states(steps, is_ordered=False)
    assert to_begin(steps, is_ordered=False) is None


@dataclass
class Walk:
    """A creator, a learner, courses of one text, and the worker's part done by hand."""

    client: httpx.AsyncClient
    db: AsyncSession
    context: Context
    headers: Callable[..., dict[str, str]]
    people: dict[str, Person]
    courses: list[Course] = field(default_factory=list)

    async def write(self, method: str, path: str, **body: Any) -> httpx.Response:
        headers = self.headers(self.people["author"].id, "employee", "creator")
        return await self.client.request(method, path, json=body or None, headers=headers)

    async def learn(self, path: str, who: str = "ada", **body: Any) -> httpx.Response:
        headers = self.headers(self.people[who].id)
        if body:
            return await self.client.post(path, json=body, headers=headers)
        return await self.client.get(path, headers=headers)

    def items(self, *courses: int, optional: tuple[int, ...] = ()) -> list[dict[str, Any]]:
        return [{"course_id": str(self.courses[n].id), "is_required": n not in optional} for n in courses]

    async def path(self, *courses: int, **more: Any) -> str:
        made = await self.write("POST", "/create-path", title="First weeks", items=self.items(*courses), **more)
        assert made.status_code == 201, made.text
        path_id: str = made.json()["id"]
        assert (await self.write("POST", "/publish-path", path_id=path_id)).json()["state"] == "published"
        return path_id

    async def finish(self, n: int, who: str = "ada") -> None:
        course = self.courses[n]
        ids = {"course_id": str(course.id), "module_id": str((await modules_of(self.db, course))[0].id)}
        await self.learn("/enroll", who, course_id=ids["course_id"])
        assert (await self.learn("/progress", who, **ids, percent=100)).json()["completed_at"]

    async def work(self) -> None:
        """The jobs of this domain that wait, each twice, as a worker that was killed would."""
        query = text(
            "delete from procrastinate_jobs where status = 'todo' and task_name like 'follow_%'"
            " returning task_name, args"
        )
        jobs = (await self.db.execute(query)).all()
        await self.db.commit()
        for name, args in jobs * 2:
            await TASKS[name].run(self.context, **args)

    async def shown(self, path_id: str, who: str = "ada") -> tuple[str, int, list[str]]:
        told = (await self.learn(f"/learning-paths/{path_id}", who)).json()
        return told["state"], told["percent"], [step["state"] for step in told["steps"]]

    async def facts(self, who: str = "ada") -> list[str]:
        query = text(
            "select type from event where subject_id = :p and (type like 'learning.path%'"
            " or payload ->> 'path_id' is not null) order by xid, id"
        )
        return [one.removeprefix("learning.") for one in (await self.db.scalars(query, {"p": self.people[who].id}))]


@pytest.fixture
async def walk(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]], settings: Settings
) -> Any:
    people = {name: await make_person(committed, name.title()) for name in ("author", "ada", "bob")}
    courses = []
    for n in range(4):
        modules = [Module(position=1, kind="text", title="Text", duration_s=600, body="Read.")]
        courses.append(await make_course(committed, people["author"], f"Course {n}", modules=modules))
    await committed.commit()
    engine = make_engine(settings.database_url, pool_size=2)
    yield Walk(api, committed, Context(settings, make_sessions(engine)), token_for, people, courses)
    await engine.dispose()


async def test_an_ordered_path_leads_from_course_to_course_to_its_own_certificate_once(walk: Walk) -> None:
    path_id = await walk.path(0, 1, 2)
    await walk.finish(0)  # before they set out: it counts
    await walk.work()
    clicks = await asyncio.gather(*(walk.learn("/enroll-path", path_id=path_id) for _ in range(4)))
    assert sorted(one.status_code for one in clicks) == [200, 200, 200, 201]
    assert len({one.json()["id"] for one in clicks}) == 1
    assert await walk.shown(path_id) == ("going", 33, ["done", "going", "locked"])
    await walk.finish(1)
    assert await walk.shown(path_id) == ("going", 66, ["done", "done", "open"]), "open at once, before any job"
    await walk.work()
    assert await walk.shown(path_id) == ("going", 66, ["done", "done", "going"])
    await walk.finish(2)
    await walk.work()
    assert await walk.shown(path_id) == ("completed", 100, ["done", "done", "done"])
    await tasks.follow_all_paths(walk.context)
    assert await walk.facts() == ["path_enrolled", "path_completed", "certificate_issued"]
    code = (await walk.learn(f"/learning-paths/{path_id}")).json()["certificate_code"]
    genuine = (await walk.client.get(f"/certificates/{code}")).json()
    assert (genuine["genuine"], genuine["person_name"]) == (True, "Ada")
    assert (await walk.learn("/withdraw-path", path_id=path_id)).status_code == 409


async def test_a_free_path_enrols_in_nothing_and_is_left_without_losing_courses(walk: Walk) -> None:
    path_id = await walk.path(0, 1, is_ordered=False)
    assert (await walk.shown(path_id))[0] == "new"
    await walk.learn("/enroll-path", path_id=path_id)
    assert await walk.shown(path_id) == ("going", 0, ["open", "open"])
    await walk.learn("/enroll", course_id=str(walk.courses[1].id))
    assert (await walk.shown(path_id))[2] == ["open", "going"]
    assert (await walk.learn("/withdraw-path", path_id=path_id)).json()["was_enrolled"] is True
    assert (await walk.learn("/withdraw-path", path_id=path_id)).json()["was_enrolled"] is False
    assert await walk.shown(path_id) == ("new", 0, ["open", "going"])


async def test_a_changed_path_holds_for_who_is_on_it_and_not_for_who_finished(walk: Walk) -> None:
    path_id = await walk.path(0, 1)
    for who in ("ada", "bob"):
        await walk.learn("/enroll-path", who, path_id=path_id)
        await walk.finish(0, who)
    await walk.finish(1, "bob")
    await walk.work()
    assert (await walk.shown(path_id, "bob"))[0] == "completed"
    same = {"path_id": path_id, "title": "First weeks"}
    assert (await walk.write("PUT", "/update-path", **same, items=walk.items(0, 1, 2))).status_code == 200
    assert (await walk.shown(path_id, "bob"))[:2] == ("completed", 100)
    assert await walk.shown(path_id) == ("going", 33, ["done", "going", "locked"])
    await walk.write("PUT", "/update-path", **same, items=walk.items(0, 1, optional=(1,)))
    await walk.work()
    assert (await walk.shown(path_id))[0] == "completed"


async def test_a_course_that_waits_for_approval_waits_on_the_path_too(walk: Walk) -> None:
    walk.courses[0].needs_approval = True
    await walk.db.commit()
    path_id = await walk.path(0, 1)
    await walk.learn("/enroll-path", path_id=path_id)
    assert await walk.shown(path_id) == ("going", 0, ["pending_approval", "locked"])


async def test_only_the_owner_writes_a_path_and_only_what_is_whole_is_published(walk: Walk) -> None:
    path_id = str(uuid.uuid4())
    for status in (201, 200):
        assert (await walk.write("POST", "/create-path", id=path_id, title="Draft")).status_code == status
    assert (await walk.write("POST", "/publish-path", path_id=path_id)).status_code == 409
    assert (await walk.learn(f"/learning-paths/{path_id}")).status_code == 404
    assert (await walk.learn("/enroll-path", path_id=path_id)).status_code == 404
    twice = await walk.write("PUT", "/update-path", path_id=path_id, title="Draft", items=walk.items(0, 0))
    unknown = [{"course_id": str(uuid.uuid4())}]
    wrong = await walk.write("PUT", "/update-path", path_id=path_id, title="Draft", items=unknown)
    assert (twice.status_code, wrong.status_code) == (422, 422)
    other = walk.headers(walk.people["bob"].id, "employee", "creator")
    for method, path, body in (
        ("PUT", "/update-path", {"path_id": path_id, "title": "Mine"}),
        ("POST", "/publish-path", {"path_id": path_id}),
        ("POST", "/archive-path", {"path_id": path_id}),
    ):
        assert (await walk.client.request(method, path, json=body, headers=other)).status_code == 403
    assert (await walk.client.get(f"/authored-paths/{path_id}", headers=other)).status_code == 403
    await walk.write("PUT", "/update-path", path_id=path_id, title="Draft", items=walk.items(0, 1))
    await walk.write("POST", "/publish-path", path_id=path_id)
    await walk.learn("/enroll-path", path_id=path_id)
    assert (await walk.write("POST", "/archive-path", path_id=path_id)).json()["state"] == "archived"
    assert (await walk.shown(path_id))[0] == "going", "who is on it goes on"
    assert (await walk.learn("/enroll-path", "bob", path_id=path_id)).status_code == 404
    listed = (await walk.write("GET", "/authored-paths")).json()["items"]
    assert [(one["state"], one["learner_count"], one["course_count"]) for one in listed if one["id"] == path_id] == [
        ("archived", 1, 2)
    ]

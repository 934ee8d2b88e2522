"""Requests a second and latency of the API, each beside its limit in the same round.

python -m tests.bench.api [--quick]
"""

import asyncio
import itertools
import statistics
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.courses.models import Module
from api.identity.tokens import operator_token
from tests.bench.load import Load, Request, get, post, run
from tests.bench.place import commits, install, line, machine, served
from tests.factories import make_course, make_enrollment, make_person, modules_of
from tests.processes import free_port

CLIENTS = 32
COURSES = 5000
Learner = dict[str, Any]


async def _fill(settings: Settings) -> list[Learner]:
    """A catalogue, and one enrolled learner a client."""
    engine = make_engine(settings.database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        owner = await make_person(session, "Owner")
        offered = []
        for number in range(COURSES):
            modules = [Module(position=1, kind="text", title="Read", duration_s=60, body="Read.")]
            offered.append(
                await make_course(session, owner, f"Course {number} on subject {number % 97}", modules=modules)
            )
        modules = [Module(position=n, kind="text", title="Read", duration_s=60, body="Read.") for n in (1, 2, 3)]
        modules.append(Module(position=4, kind="video", title="Film", duration_s=3600))
        course = await make_course(session, owner, "Measured", modules=modules)
        steps = await modules_of(session, course)
        learners = []
        for number in range(CLIENTS):
            person = await make_person(session, f"Learner {number}")
            enrollment = await make_enrollment(session, person, course)
            learners.append(
                {
                    "token": _token(settings, person.id),
                    "course_id": str(course.id),
                    "module_id": str(steps[0].id),
                    "film_id": str(steps[3].id),
                    "enrollment_id": str(enrollment.id),
                    "offered": itertools.cycle([str(course.id) for course in offered]),
                }
            )
        await session.execute(text("analyze"))
    await engine.dispose()
    return learners


def _token(settings: Settings, person_id: uuid.UUID) -> str:
    return operator_token(settings, person_id, ("employee",))


def _search(learner: Learner) -> Request:
    return lambda n: get(f"/courses?search=subject+{n % 97}&limit=20", learner["token"])


def _list(learner: Learner) -> Request:
    message = get("/courses?limit=20", learner["token"])
    return lambda _: message


def _details(learner: Learner) -> Request:
    message = get(f"/courses/{learner['course_id']}", learner["token"])
    return lambda _: message


def _progress(learner: Learner) -> Request:
    ids = {name: learner[name] for name in ("course_id", "module_id")}
    return lambda n: post("/progress", learner["token"], {**ids, "percent": min(n // 20, 99), "position_s": n})


def _enroll(learner: Learner) -> Request:
    """In another course each time; after all of them it is the second click."""
    return lambda _: post("/enroll", learner["token"], {"course_id": next(learner["offered"])})


def _film(learner: Learner) -> Request:
    """Of a film, whose percent is what was proven: not the fast lane."""
    ids = {"course_id": learner["course_id"], "module_id": learner["film_id"]}
    return lambda n: post("/progress", learner["token"], {**ids, "position_s": n % 3600})


def _engagement(size: int, step: str = "film_id") -> Callable[[Learner], Request]:
    """Ten seconds further each; of a film they are credited, of a text only kept."""

    def of(learner: Learner) -> Request:
        moment = datetime.now(UTC).isoformat()
        ids = {"enrollment_id": learner["enrollment_id"], "module_id": learner[step]}
        base = {"kind": "video_played", **ids, "occurred_at": moment}

        def event(n: int) -> dict[str, object]:
            at = 10 * n % 3600
            return {"id": str(uuid.uuid4()), **base, "from_s": at, "to_s": at + 10}

        return lambda n: post(
            "/engagement", learner["token"], {"events": [event(n * size + one) for one in range(size)]}
        )

    return of


CASES: list[tuple[str, Callable[[Learner], Request], str]] = [
    ("GET /courses (list)", _list, "hello"),
    ("GET /courses?search=", _search, "hello"),
    ("GET /courses/{course_id}, remembered", _details, "hello"),
    ("POST /enroll", _enroll, "hello"),
    ("POST /progress", _progress, "hello"),
    ("POST /progress of a film", _film, "hello"),
    ("POST /engagement, 1 event, only kept", _engagement(1, "module_id"), "commit"),
    ("POST /engagement, 1 event, credited", _engagement(1), "commit"),
    ("POST /engagement, 100 events, credited", _engagement(100), "commit"),
]


def _median(loads: list[Load]) -> Load:
    return Load(*(statistics.median(getattr(load, name) for load in loads) for name in ("rate", "p50_ms", "p99_ms")))


def measure(settings: Settings, learners: list[Learner], api: int, hello: int, *, rounds: int, seconds: float) -> None:
    for clients in (1, CLIENTS):
        for name, requests, limit in CASES:
            found: list[Load] = []
            limits: list[float] = []
            for _ in range(rounds):
                found.append(run(api, [requests(learner) for learner in learners[:clients]], seconds))
                if limit == "hello":
                    limits.append(run(hello, [lambda _: get("/hello")] * clients, seconds).rate)
                else:
                    limits.append(commits(settings.database_url, clients, seconds))
            load, most = _median(found), statistics.median(limits)
            figure = f"{load.rate:,.0f}/s  p50 {load.p50_ms:.1f}  p99 {load.p99_ms:.1f} ms"
            line(f"{name}, {clients} client{'s' * (clients > 1)}", figure, f"{limit} {most:,.0f}/s", load.rate / most)


def main() -> None:
    quick = "--quick" in sys.argv
    machine()
    with (
        install() as settings,
        served(settings, free_port(), "/hello", "tests.bench.hello:app") as hello,
        served(settings, settings.api_port, "/health/ready", "--factory", "api.app:create_app") as api,
    ):
        learners = asyncio.run(_fill(settings))
        measure(settings, learners, api, hello, rounds=1 if quick else 3, seconds=1 if quick else 3)


if __name__ == "__main__":
    main()

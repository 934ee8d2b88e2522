"""Whatever the company looks like and whoever moves, no answer names anybody whom the caller may not see."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pyarrow.parquet as pa_parquet
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import ROUTERS
from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.core.settings import Settings
from api.identity.access import acting
from api.identity.models import Account, BrowserSession
from api.identity.sessions import cookie_name, hash_of
from api.learning.schemas import ProgressIn
from api.learning.service import enroll, record_progress
from api.people.models import Employment
from api.people.sight import NobodyToSee
from api.reports.material import PARTS, gather
from api.reports.models import ReportRun
from api.reports.questions import ReportQuestion
from pipelines.dbt_runner import build
from pipelines.lake.export import export_events
from tests.api.row_security.asking import Asked
from tests.api.row_security.company import Member, Structure, moves, outsiders, structures, write
from tests.api.row_security.permitted import nobody, self_only
from tests.api.row_security.rules import RULES
from tests.factories import make_course, make_org_unit, make_person, make_requirement, modules_of

PEOPLE, UNITS = 12, 4
PAGES = {
    f"{method} {route.path}"
    for module in ROUTERS
    for route in module.router.routes
    for method in route.methods
    if not route.include_in_schema and not route.path.startswith("/media")
}
"""What people open in a browser."""
HeadersOf = Callable[..., dict[str, str]]


@dataclass
class Cast:
    """The same people in every company, each obliged, enrolled and some done; half of it in the lake, half newer."""

    members: list[Member]
    units: list[uuid.UUID]
    course_id: uuid.UUID
    module_id: uuid.UUID
    outsider: uuid.UUID

    @property
    def accounts(self) -> list[uuid.UUID]:
        return [*(member.person_id for member in self.members), self.outsider]


@pytest.fixture(scope="module")
async def cast(database_url: str, settings: Settings) -> Cast:
    engine = make_engine(database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        units = [await make_org_unit(session, f"Unit {n}") for n in range(UNITS)]
        people = [
            await make_person(session, f"Member-{uuid.uuid4().hex[:8]}", org_unit=units[0], started_on=date(2020, 1, 1))
            for _ in range(PEOPLE)
        ]
        course = await make_course(session, people[0], "Fire safety")
        await make_requirement(session, course)
        module = (await modules_of(session, course))[0]
        employments = dict((await session.execute(select(Employment.person_id, Employment.id))).tuples().all())
        for person in people:
            await enroll(session, person_id=person.id, course_id=course.id)
        asked = await make_course(session, people[0], "Coaching")
        asked.needs_approval = True
        for person in people:
            await enroll(session, person_id=person.id, course_id=asked.id)
        await session.commit()
        export_events(settings)
        list(build(settings))
        outsider = Account(email="outsider@example.com")
        session.add(outsider)
        for person in people:  # newer than the lake: the tail
            sent = ProgressIn(course_id=course.id, module_id=module.id, percent=50)
            await record_progress(session, person_id=person.id, sent=sent)
        await session.commit()
    await engine.dispose()
    members = [Member(p.id, employments[p.id], p.display_name, p.email) for p in people]
    return Cast(members, [unit.id for unit in units], course.id, module.id, outsider.id)


def test_every_route_has_a_rule_here() -> None:
    """A new one says whom it may name before it is merged; one that is gone takes its line with it."""
    routes = {
        f"{method} {route.path}" for module in ROUTERS for route in module.router.routes for method in route.methods
    }
    assert routes == set(RULES)


def named(answer: httpx.Response, members: list[Member]) -> set[int]:
    """Everybody of whom the answer says id, name or e-mail, anywhere."""
    said = answer.text + str(answer.headers)
    return {n for n, one in enumerate(members) if str(one.person_id) in said or one.name in said or one.email in said}


@dataclass
class Callers:
    """Who asks: programs and the dashboards by token, people's browsers by the cookie of a session."""

    api: httpx.AsyncClient
    settings: Settings
    committed: AsyncSession
    token_for: HeadersOf

    def token(self, cast: Cast, told: Structure, n: int) -> dict[str, str]:
        granted = [role for role, _ in told.roles[n]]
        everybody = () if n == PEOPLE else ("employee", "manager")
        return self.token_for(cast.accounts[n], *everybody, *granted)

    async def cookie(self, cast: Cast, n: int) -> dict[str, str]:
        """Of a new session each time: one of the pages ends it."""
        secret, until = uuid.uuid4().hex, datetime.now(UTC) + timedelta(hours=1)
        account = {"account_id": cast.accounts[n], "method": "password", "expires_at": until}
        self.committed.add(BrowserSession(secret_hash=hash_of(secret), **account))
        await self.committed.commit()
        return {"Cookie": f"{cookie_name(self.settings)}={secret}", "Sec-Fetch-Site": "same-origin"}


async def check(callers: Callers, cast: Cast, told: Structure, chosen: list[int]) -> None:
    dice = random.Random(str(told))
    ids = [str(member.person_id) for member in cast.members]
    asked = Asked(
        ids,
        [member.email for member in cast.members],
        [str(unit) for unit in cast.units],
        str(cast.course_id),
        str(cast.module_id),
        dice,
    )
    for n in chosen:
        token = callers.token(cast, told, n)
        for route, (rule, requests) in RULES.items():
            if (route in PAGES or rule in (nobody, self_only)) and n not in (chosen[0], PEOPLE):
                continue  # whoever is seen by whom changes nothing here: one person and the outsider show it
            permitted = rule(told, n)
            for request in requests(asked):
                headers = await callers.cookie(cast, n) if route in PAGES else token
                method, path = route.split(" ")
                sent = {name: value for name, value in request.items() if name != "path"}
                path = path.replace(":path}", "}").format(**request.get("path", {}))
                answer = await callers.api.request(method, path, headers=headers, **sent)
                assert answer.status_code < 500, (route, request, answer.text)
                echoed = {i for i, one in enumerate(ids) if one in str(request)}
                shown = named(answer, cast.members)
                assert route != "GET /account" or n in {*shown, PEOPLE}, "the cookie signs in"
                beyond = shown - permitted - (echoed if answer.status_code >= 400 else set())
                assert not beyond, (route, request, n, told, answer.text[:500])
        await check_is_whole(callers.api, cast, told, n, token)
    await check_file(callers, cast, told, chosen[0])


async def check_file(callers: Callers, cast: Cast, told: Structure, n: int) -> None:
    """What the job hands to the process that writes a file: whom the asker may see by then, all and nobody else."""
    answer = await callers.api.post("/generate-report", json={}, headers=callers.token(cast, told, n))
    if answer.status_code == 403:
        assert not told.sees(n)
        return
    engine = make_engine(callers.settings.database_url, pool_size=3)
    context = Context(callers.settings, make_sessions(engine))
    try:
        async with context.sessions() as session:
            run = await session.get_one(ReportRun, uuid.UUID(answer.json()["id"]))
            who = await acting(await session.connection(), run.account_id, roles=run.roles, client_id=run.client_id)
        with TemporaryDirectory() as folder:
            await gather(context, run, who, ReportQuestion(), Path(folder))
            team = pa_parquet.read_table(Path(folder) / PARTS["team"])
        people = set(team.column("person_id").to_pylist())
    except NobodyToSee:
        people = set()
    finally:
        await engine.dispose()
    assert people == {str(cast.members[one].person_id) for one in told.sees(n)}


async def check_is_whole(api: httpx.AsyncClient, cast: Cast, told: Structure, n: int, headers: dict[str, str]) -> None:
    """Nobody is hidden either: the report has exactly those whom the caller may see."""
    answer = await api.get("/team-progress", headers=headers)
    expected = told.sees(n)
    if not expected:
        assert (answer.status_code, answer.json()["title"]) == (403, "Nobody is below you")
        return
    shown = {row["person"]["id"] for row in answer.json()["people"]}
    assert shown == {str(cast.members[one].person_id) for one in expected}
    report = (await api.get("/compliance-report", headers=headers, params={"limit": 1000})).json()
    assert {row["person"]["id"] for row in report["items"]} == shown


def moved(told: Structure, changes: list[tuple[int, int | None, int, bool]]) -> Structure:
    manager, unit, has_left = list(told.manager), list(told.unit), list(told.has_left)
    for who, to, where, left in changes:
        manager[who], unit[who], has_left[who] = to, where, left
    return replace(told, manager=manager, unit=unit, has_left=has_left)


# A failing company is told whole in the assertion; making it smaller would take minutes of requests.
@examples(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
@given(told=structures(PEOPLE, UNITS), changes=moves(PEOPLE, UNITS), outsider=outsiders(UNITS), data=st.data())
async def test_no_answer_names_anybody_whom_the_caller_may_not_see(
    api: httpx.AsyncClient,
    cast: Cast,
    committed: AsyncSession,
    token_for: HeadersOf,
    settings: Settings,
    told: Structure,
    changes: list[Any],
    outsider: tuple[str, int | None],
    data: st.DataObject,
) -> None:
    for company in (told, moved(told, changes)):
        now = company.with_outsider(outsider)
        # What follows from the token's and the sign-in's memory is another test's: here only the company changes.
        await write(committed, now, cast.members, cast.units, cast.outsider)
        await committed.commit()
        api._transport.app.state.access.forget()
        callers = data.draw(st.lists(st.sampled_from(sorted(now.active) or [0]), max_size=3, unique=True))
        with_roles = [n for n in sorted(now.active) if now.roles[n]][:2]
        asking = Callers(api, settings, committed, token_for)
        await check(asking, cast, now, [*sorted({*callers, *with_roles} & now.active), PEOPLE])

"""The company in a real Postgres, through the services."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.audit_chain import verify
from api.identity.rules import EVERYONE
from api.identity.service import authenticate, roles_of
from api.people.service import team_of
from data import demo
from data.demo import loader
from data.demo.accounts import demo_password

COUNTS = """
select (select count(*) from person) as people,
    (select count(*) from employment where ended_on is null) as active,
    (select count(*) from course where current_version_id is not null) as courses,
    (select count(*) from enrollment) as enrollments,
    (select count(*) from certificate) as certificates,
    (select count(*) from event where type like 'learning.%' or type like 'engagement.%') as events
"""


async def count(settings: Settings) -> dict[str, int]:
    engine = make_engine(settings.database_url, pool_size=1)
    async with AsyncSession(engine) as session:
        row = (await session.execute(text(COUNTS))).one()
    await engine.dispose()
    return dict(row._mapping)


async def test_a_load_that_dies_after_people_and_courses_leaves_an_empty_database(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr(loader, "tell", fail)
    with pytest.raises(RuntimeError, match="power"):
        await demo.load(settings)
    assert await demo.is_empty(settings)


@pytest.fixture(scope="module")
def loaded(settings: Settings) -> demo.DemoSummary:
    return asyncio.run(demo.load(settings))


async def test_the_summary_is_what_the_database_holds(settings: Settings, loaded: demo.DemoSummary) -> None:
    held = await count(settings)
    assert held == {name: getattr(loaded, name) for name in held}
    assert not await demo.is_empty(settings)


async def test_a_second_load_refuses_and_changes_nothing(settings: Settings, loaded: demo.DemoSummary) -> None:
    before = await count(settings)
    with pytest.raises(loader.NotEmpty):
        await demo.load(settings)
    assert await count(settings) == before


async def test_the_signed_in_people_are_who_they_should_be(
    settings: Settings, session: AsyncSession, loaded: demo.DemoSummary
) -> None:
    sizes: dict[str, int | None] = {}
    granted: dict[str, set[str]] = {}
    for person in demo.sign_ins(settings):
        account = await authenticate(session, email=person.email, password=demo_password(settings))
        sizes[person.role] = len(await team_of(session, account.person_id)) if account.person_id else None
        granted[person.role] = set(await roles_of(session, account)) - EVERYONE
    assert sizes["employee"] == 0
    assert 30 <= sizes["manager"] <= 50
    assert sizes["executive"] > 300
    assert sizes["auditor"] is None
    assert {role: names for role, names in granted.items() if names} == {
        "creator": {"creator"},
        "compliance officer": {"officer"},
        "officer of a unit": {"officer"},
        "HR data": {"hr_data"},
        "auditor": {"auditor"},
    }
    reach = "select u.name from role_grant r join org_unit u on u.id = r.org_unit_id"
    assert (await session.scalars(text(reach))).all() == ["Operations"]


async def test_state_agrees_with_its_facts(session: AsyncSession, loaded: demo.DemoSummary) -> None:
    disagree = """
    select count(*) from enrollment e
    left join (select (payload ->> 'enrollment_id')::uuid as id, max(occurred_at) as at from event
        where type = 'learning.course_completed' group by 1) c on c.id = e.id
    where c.at is distinct from e.completed_at
    """
    assert (await session.execute(text(disagree))).scalar_one() == 0
    future = await session.execute(
        text("select count(*) from event where occurred_at > :now"), {"now": datetime.now(UTC)}
    )
    assert future.scalar_one() == 0


async def test_the_published_roster_file_is_the_last_one_applied(
    settings: Settings, session: AsyncSession, loaded: demo.DemoSummary
) -> None:
    names = [path.name for path in (settings.hr_dir / "demo").iterdir()]
    newest = await session.execute(text("select file_name from hr_import order by as_of desc limit 1"))
    assert names == [newest.scalar_one()]


async def test_one_unit_is_clearly_worse_and_one_clearly_better(
    session: AsyncSession, loaded: demo.DemoSummary
) -> None:
    rates = """
    select u.name, avg((en.completed_at is not null)::int)::float as rate
    from requirement r
    join employment e on e.ended_on is null
    join employment_version v on v.employment_id = e.id and v.superseded_at is null and v.valid_to is null
    join org_unit u on u.id = v.org_unit_id
    left join enrollment en on en.person_id = e.person_id and en.course_id = r.course_id
    where r.audience = '{}'
    and greatest(r.valid_from, e.started_on) + r.due_within_days < current_date
    group by 1 having count(*) > 100
    """
    by_unit = {row.name: row.rate for row in await session.execute(text(rates))}
    others = sorted(rate for name, rate in by_unit.items() if name not in ("Field Service", "Plant Brno"))
    assert by_unit["Field Service"] < others[0] - 0.05
    assert by_unit["Plant Brno"] > sum(others) / len(others) + 0.02


async def test_the_load_is_in_the_audit_log_by_import_and_course_not_by_person(
    settings: Settings, loaded: demo.DemoSummary
) -> None:
    verdict = await verify(settings)
    assert verdict.broken == []
    assert loaded.courses < verdict.entries < 300 < loaded.people

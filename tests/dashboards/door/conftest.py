"""An API, the dashboards and Dagster as processes, and people who may come in or not."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.service import hash_password
from tests.dashboards.door.visitors import PASSWORD, Visitor
from tests.factories import make_person
from tests.loops import apart
from tests.processes import free_port, running

PEOPLE = {"ada": (), "ben": (), "dora": ("hr_data",), "leon": (), "otto": ("officer", "auditor")}


async def _employ(url: str) -> dict[str, str]:
    engine, password_hash = make_engine(url, pool_size=1), hash_password(PASSWORD)
    async with AsyncSession(engine) as session:
        people = {
            name: await make_person(session, name, roles=roles, password_hash=password_hash)
            for name, roles in PEOPLE.items()
        }
        emails = {name: str(person.email) for name, person in people.items()}
        await session.commit()
    await engine.dispose()
    return emails


@pytest.fixture(scope="module")
def emails(database_url: str) -> dict[str, str]:
    return apart(lambda: asyncio.run(_employ(database_url)))


@pytest.fixture(scope="module")
def place(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        home=tmp_path_factory.mktemp("door"),
        database_url=database_url,
        api_port=free_port(),
        dashboards_port=free_port(),
        dagster_port=free_port(),
    )


@pytest.fixture(scope="module")
def doors(place: Settings, emails: dict[str, str]) -> Iterator[Settings]:
    with running(place, "api", "dashboards", "dagster"):
        yield place


@pytest.fixture
def visitor(doors: Settings) -> Iterator[Visitor]:
    with Visitor(doors) as one:
        yield one


@pytest.fixture
def data_visitor(doors: Settings) -> Iterator[Visitor]:
    with Visitor(doors, at="dagster") as one:
        yield one

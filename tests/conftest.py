"""The shared harness: one real Postgres, a fresh database a module, a rolled-back session a test."""

import asyncio
import itertools
import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import ROOT, Settings
from stack.postgres import EmbeddedPostgres
from tests.loops import apart

_numbers = itertools.count(1)


def pytest_configure() -> None:
    """Nothing is limited but where limits are tested: a test asks faster than any person."""
    os.environ.setdefault("PRAXIS_RATE_LIMITS", "off")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Durability is off: tests that kill the server start one of their own."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), settings={"fsync": "off"})
    server.start()
    yield server
    server.stop()


def _execute(url: str, statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()

    apart(lambda: asyncio.run(run()))


@pytest.fixture(scope="session")
def template_database(postgres: EmbeddedPostgres) -> str:
    """Migrated once, copied often."""
    _execute(postgres.url(), "create database template_praxis")
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = postgres.url("template_praxis")
    apart(lambda: command.upgrade(config, "head"))
    return "template_praxis"


@pytest.fixture(scope="module")
def database_url(postgres: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    """An empty, migrated database for one module of tests."""
    name = f"test_{next(_numbers)}"
    _execute(postgres.url(), f"create database {name} template {template_database}")
    yield postgres.url(name)
    _execute(postgres.url(), f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), database_url=database_url)


@pytest.fixture
async def session(database_url: str) -> AsyncIterator[AsyncSession]:
    """A session whose work is rolled back, whatever the test did."""
    engine = make_engine(database_url, pool_size=1)
    async with engine.connect() as connection, connection.begin() as transaction:
        async with AsyncSession(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as ours:
            yield ours
        await transaction.rollback()
    await engine.dispose()


@pytest.fixture
async def committed(database_url: str) -> AsyncIterator[AsyncSession]:
    """A session that commits at the end of the `async with`: for data that other connections must see."""
    engine = make_engine(database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as ours:
        yield ours
        await ours.commit()
    await engine.dispose()


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The whole application, its lifespan included, without a socket."""
    from api.app import create_app  # noqa: PLC0415  (modules that don't need the application don't pay for it)

    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://praxis"
        ) as client,
    ):
        yield client


@pytest.fixture
def token_for(settings: Settings) -> Callable[..., dict[str, str]]:
    """`token_for(person_id, "employee", "manager")` gives the headers of that person's request, granted or not."""
    from api.identity.tokens import operator_token  # noqa: PLC0415

    def headers(person_id: uuid.UUID, *roles: str) -> dict[str, str]:
        token = operator_token(settings, person_id, roles or ("employee", "manager"))
        return {"Authorization": f"Bearer {token}"}

    return headers


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files that nobody here wrote; they lie beside the checkout and are not part of the product."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/data with real files is not on this machine")
    return folder

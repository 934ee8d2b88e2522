"""One server and one company for all attacks: a real uvicorn process, a real Postgres, a built lake."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import asyncpg
import httpx
import pytest

from api.core.settings import Settings
from pipelines.dbt_runner import build
from pipelines.lake.export import export_events
from stack.postgres import EmbeddedPostgres
from tests.api.attacks.company import ROLES, Company, found
from tests.loops import apart
from tests.processes import free_port, running

DATABASE = "attacked"


@pytest.fixture(scope="session")
def company(
    postgres: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    async def copy() -> None:
        connection = await asyncpg.connect(postgres.url())
        await connection.execute(f"create database {DATABASE} template {template_database}")
        await connection.close()

    apart(lambda: asyncio.run(copy()))
    settings = Settings(
        home=tmp_path_factory.mktemp("attacked"), database_url=postgres.url(DATABASE), api_port=free_port()
    )
    made = apart(lambda: asyncio.run(found(settings)))
    apart(lambda: _build(settings))
    with running(settings, "api"):
        yield made


def _build(settings: Settings) -> None:
    export_events(settings)
    list(build(settings))


@pytest.fixture(scope="session")
def clients(company: Company) -> Iterator[dict[str, httpx.Client]]:
    """One for each role, and a browser that is signed in."""
    with ExitStack() as stack:
        found = {}
        for role in [*ROLES, "browser"]:
            headers = {"Sec-Fetch-Site": "same-origin"} | ({} if role == "browser" else company.headers(role))
            found[role] = stack.enter_context(httpx.Client(base_url=company.url, timeout=30, headers=headers))
        yield found

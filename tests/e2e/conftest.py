"""The demo company, its marts, the API, the dashboards and Dagster: started once for all tests of this folder."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from api.core.settings import Settings
from data import demo
from pipelines.dbt_runner import build
from pipelines.lake.export import export_events
from stack.postgres import EmbeddedPostgres
from tests.conftest import _execute
from tests.e2e.studio_pages import Studio, studio_running
from tests.loops import apart
from tests.processes import browser, free_port, running


@dataclass(frozen=True)
class Demo:
    settings: Settings
    emails: dict[str, str]
    password: str

    @property
    def dashboards(self) -> str:
        return self.settings.dashboards_url

    @property
    def account(self) -> str:
        return f"{self.settings.api_url}/account"

    @property
    def dagster(self) -> str:
        return self.settings.dagster_url


@pytest.fixture(scope="session")
def demo_company(
    postgres: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    apart(lambda: _execute(postgres.url(), f"create database demo template {template_database}"))
    settings = Settings(
        home=tmp_path_factory.mktemp("demo"),
        database_url=postgres.url("demo"),
        api_port=free_port(),
        dashboards_port=free_port(),
        dagster_port=free_port(),
    )
    apart(lambda: asyncio.run(demo.load(settings)))
    export_events(settings)
    list(build(settings))
    emails = {person.role: person.email for person in demo.sign_ins(settings)}
    password = (settings.secrets_dir / "demo_password").read_text().strip()
    with running(settings, "api", "dashboards", "dagster"):
        yield Demo(settings, emails, password)


@pytest.fixture(scope="session")
def studio(
    postgres: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    apart(lambda: _execute(postgres.url(), f"create database studio template {template_database}"))
    settings = Settings(
        home=tmp_path_factory.mktemp("studio"), database_url=postgres.url("studio"), api_port=free_port()
    )
    with studio_running(settings) as running_studio:
        yield running_studio


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Closed after each module: while it is open no asynchronous test can run in this process."""
    with browser() as found:
        yield found


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 1200})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()

"""The whole way in a real browser: dashboards, the company's provider, back, and off again everywhere."""

import asyncio
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from tests.api.identity.company.conftest import IdP
from tests.factories import make_person
from tests.loops import apart
from tests.processes import browser, free_port, running


@pytest.fixture(scope="module")
def company(settings: Settings) -> Settings:
    return settings.model_copy(
        update={
            "api_port": free_port(),
            "dashboards_port": free_port(),
            "idp_issuer": f"http://localhost:{free_port()}",
            "idp_client_id": "praxis",
            "idp_client_secret": "secret",
            "idp_name": "Acme",
            "idp_scopes": "openid email groups",
            "idp_roles": '{"lms-officers": "officer"}',
        }
    )


async def _employ(url: str) -> str:
    engine = make_engine(url, pool_size=1)
    async with AsyncSession(engine) as session:
        email = str((await make_person(session, "Ada Ito")).email)
        await session.commit()
    await engine.dispose()
    return email


@pytest.fixture(scope="module")
def page(company: Settings, idp: IdP) -> Iterator[Page]:
    with running(company), browser() as chromium:
        context = chromium.new_context()
        context.set_default_timeout(30_000)
        yield context.new_page()
        context.close()


def test_from_the_dashboards_to_the_company_and_back_and_off_again(page: Page, company: Settings, idp: IdP) -> None:
    email = apart(lambda: asyncio.run(_employ(company.database_url)))
    idp.knows("ada", email=email, groups=["lms-officers"])
    page.goto(company.dashboards_url)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("link", name="Sign in with Acme").click()
    page.fill("[name=login]", "ada")
    page.fill("[name=password]", "x")
    page.click("button")
    page.wait_for_url(f"{company.dashboards_url}/**")
    page.goto(f"{company.api_url}/account")
    expect(page.get_by_role("heading", name=email)).to_be_visible()
    expect(page.get_by_text("Roles: employee, manager, officer")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto(company.dashboards_url)
    page.get_by_role("link", name="Sign in with Acme").click()
    expect(page.locator("[name=login]")).to_be_visible()

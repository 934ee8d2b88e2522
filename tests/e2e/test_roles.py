"""Giving and taking in Chromium: a role in the dashboards, a delegation on the account page."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Demo
from tests.processes import sign_in, token_of

FROM_THERE_MS = 30_000


@pytest.fixture
def theirs(chromium: Browser) -> Iterator[Page]:
    """Another person's browser."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1200})
    yield context.new_page()
    context.close()


def enter(page: Page, demo: Demo, role: str) -> None:
    sign_in(page, demo.settings, demo.emails[role], demo.password)


def choose_grant(page: Page, demo: Demo, email: str) -> None:
    """A click on the row, which the table draws on a canvas: its place follows from the API's order."""
    headers = {"Authorization": f"Bearer {token_of(demo.settings, demo.emails['compliance officer'], 'officer')}"}
    listed = httpx.get(f"{demo.settings.api_url}/role-grants", headers=headers).json()["items"]
    row = [one["email"] for one in listed].index(email)
    box = page.locator('[data-testid="stDataFrame"]').first.bounding_box()
    assert box
    page.mouse.click(box["x"] + 18, box["y"] + 34 + 33 * row + 16)


def test_an_officer_gives_a_role_and_takes_it_again(page: Page, theirs: Page, demo_company: Demo) -> None:
    email = demo_company.emails["employee"]
    enter(page, demo_company, "compliance officer")
    page.get_by_role("link", name="Roles").click()
    expect(page.get_by_role("heading", name="Who has which role")).to_be_visible()
    page.get_by_label("E-mail of a person who works here").fill(email)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_text(re.compile("is Auditor from now on"))).to_be_visible()
    enter(theirs, demo_company, "employee")
    expect(theirs.get_by_role("link", name="Audit log")).to_be_visible(timeout=FROM_THERE_MS)
    expect(page.get_by_label("E-mail of a person who works here")).to_have_value("")  # ready for the next
    choose_grant(page, demo_company, email)
    page.get_by_role("button", name=re.compile("Withdraw Auditor from")).click()
    expect(page.get_by_text(re.compile("is Auditor no more"))).to_be_visible()
    theirs.reload()
    expect(theirs.get_by_role("heading", name="Welcome to Praxis")).to_be_visible(timeout=FROM_THERE_MS)


def test_a_manager_lets_somebody_act_for_them_and_ends_it(page: Page, theirs: Page, demo_company: Demo) -> None:
    enter(page, demo_company, "manager")
    page.goto(demo_company.account)
    page.fill("#email", demo_company.emails["HR data"])
    page.fill("#until", (datetime.now(UTC) + timedelta(days=9)).date().isoformat())
    page.get_by_role("button", name="Let them act for me").click()
    expect(page.get_by_text("They act for you from now on")).to_be_visible()
    enter(theirs, demo_company, "HR data")
    expect(theirs.get_by_role("heading", name="Team compliance")).to_be_visible(timeout=FROM_THERE_MS)
    expect(theirs.locator("[data-testid=stMetricValue]")).to_have_count(4)
    page.get_by_role("button", name=re.compile("End the delegation")).click()
    expect(page.get_by_text("That delegation has ended")).to_be_visible()
    expect(theirs.get_by_text("You don't act for this manager")).to_be_visible(timeout=FROM_THERE_MS)

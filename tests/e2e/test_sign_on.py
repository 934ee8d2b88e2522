"""One sign-on, one sign-off everywhere, in a real browser: the dashboards, the account page and Dagster."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.e2e.conftest import Demo
from tests.processes import sign_in

SOON_MS = 12_000
PHONE = {"width": 390, "height": 844}


def enter(page: Page, demo: Demo, role: str) -> None:
    sign_in(page, demo.settings, demo.emails[role], demo.password)


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name)).to_be_visible()


@contextmanager
def another(chromium: Browser) -> Iterator[BrowserContext]:
    """A second browser."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1200})
    yield context
    context.close()


def test_who_signed_in_at_the_dashboards_is_signed_in_everywhere(page: Page, demo_company: Demo) -> None:
    enter(page, demo_company, "HR data")
    heading(page, "HR data")
    page.get_by_role("link", name="Your account").click()
    heading(page, "Your account")
    page.goto(demo_company.dashboards)
    page.get_by_role("link", name="Data pipelines").click()
    expect(page.get_by_text("Overview").first).to_be_visible()
    assert page.url.startswith(demo_company.dagster)


@pytest.mark.parametrize("place", ["dashboards", "account", "dagster"])
def test_signing_off_at_one_place_leads_the_open_pages_of_the_others_to_the_sign_in(
    page: Page, demo_company: Demo, place: str
) -> None:
    enter(page, demo_company, "HR data")
    heading(page, "HR data")
    runs, account = page.context.new_page(), page.context.new_page()
    runs.goto(f"{demo_company.dagster}/runs")
    expect(runs.get_by_text("Overview").first).to_be_visible()
    account.goto(demo_company.account)
    if place == "dashboards":
        page.get_by_role("link", name="Sign out").click()
        heading(page, "You are signed out")
    elif place == "account":
        account.get_by_role("button", name="Sign out", exact=True).click()
        expect(account.get_by_role("status")).to_have_text("You are signed out.")
    else:
        runs.evaluate("location.assign('/sign-out')")
        heading(runs, "You are signed out")
    for other in (page, runs):
        if not other.url.endswith("/signed-out"):
            expect(other.locator("#password")).to_be_visible(timeout=SOON_MS)
    account.reload()
    expect(account.locator("#password")).to_be_visible()


def test_who_is_led_to_the_sign_in_comes_back_to_the_same_page(page: Page, demo_company: Demo) -> None:
    enter(page, demo_company, "creator")
    page.get_by_role("link", name=re.compile("Course insight")).click()
    heading(page, "Funnel")
    page.context.clear_cookies()
    expect(page.locator("#password")).to_be_visible(timeout=SOON_MS)
    page.fill("#email", demo_company.emails["creator"])
    page.fill("#password", demo_company.password)
    page.click("button")
    heading(page, "Funnel")
    assert page.url == f"{demo_company.dashboards}/courses"


def test_a_leaver_loses_the_open_page(page: Page, demo_company: Demo) -> None:
    enter(page, demo_company, "employee")
    heading(page, "Welcome to Praxis")
    change = "update account set is_active = %s where email = %s"
    with psycopg2.connect(demo_company.settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(change, (False, demo_company.emails["employee"]))
    try:
        expect(page.locator("#password")).to_be_visible(timeout=SOON_MS)
    finally:
        with psycopg2.connect(demo_company.settings.database_url) as connection, connection.cursor() as cursor:
            cursor.execute(change, (True, demo_company.emails["employee"]))


def test_an_open_page_is_loaded_anew_for_whoever_signs_in_next(page: Page, demo_company: Demo) -> None:
    enter(page, demo_company, "manager")
    side = page.locator(".praxis-who strong")
    before = side.inner_text()
    other = page.context.new_page()
    other.goto(f"{demo_company.dashboards}/sign-out")
    heading(other, "Sign out?")
    other.get_by_role("button", name="Sign out").click()
    enter(other, demo_company, "chief executive")
    expect(other.locator(".praxis-who strong")).to_be_visible()
    now = other.locator(".praxis-who strong").inner_text()
    assert now != before
    page.wait_for_timeout(4000)
    if "/sign-in" in page.url:  # it noticed in the moment between
        page.goto(demo_company.dashboards)
    expect(side).to_have_text(now, timeout=SOON_MS)
    expect(page.locator("[data-testid=stMetricValue]").first).to_be_visible()


def test_two_browsers_never_see_each_others_people(chromium: Browser, demo_company: Demo) -> None:
    with another(chromium) as first, another(chromium) as second:
        pages = {"manager": first.new_page(), "executive": second.new_page()}
        for role, page in pages.items():
            enter(page, demo_company, role)
        seen = {}
        for _ in range(3):
            for role, page in pages.items():
                figures = page.locator("[data-testid=stMetricValue]")
                expect(figures).to_have_count(4)
                who = page.locator(".praxis-who strong").inner_text()
                shown = (who, figures.nth(1).inner_text())
                assert seen.setdefault(role, shown) == shown
                page.reload()
        assert len(set(seen.values())) == 2


def test_dagster_is_not_for_everybody_and_says_so(page: Page, demo_company: Demo) -> None:
    page.set_viewport_size(PHONE)
    enter(page, demo_company, "manager")
    heading(page, "Team compliance")
    page.goto(demo_company.dagster)
    heading(page, "Not for your account")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="Sign in as somebody else").click()
    heading(page, "You are signed out")
    page.get_by_role("link", name="Sign in").click()
    page.fill("#email", demo_company.emails["HR data"])
    page.fill("#password", demo_company.password)
    page.click("button")
    expect(page.get_by_text("Overview").first).to_be_visible()


@pytest.mark.parametrize("role", ["compliance officer", "officer of a unit", "auditor"])
def test_who_oversees_sees_the_people_of_their_reach_and_the_audit_log(
    page: Page, demo_company: Demo, role: str
) -> None:
    enter(page, demo_company, role)
    figures = page.locator("[data-testid=stMetricValue]")
    expect(figures).to_have_count(4)
    assert int(figures.nth(1).inner_text().replace(",", "")) > 50, "more than a team"
    log = page.get_by_role("link", name="Audit log")
    if role == "officer of a unit":
        expect(page.get_by_role("link", name="Roles")).to_be_visible()
        expect(log).to_have_count(0)  # it speaks of the whole company
    else:
        log.click()
        heading(page, "Audit log")


@pytest.mark.parametrize("role", ["manager", "creator"])
def test_the_pages_keep_to_their_content_policy(page: Page, demo_company: Demo, role: str) -> None:
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" or "Policy" in message.text:
            said.append(message.text)

    page.on("console", hear)
    enter(page, demo_company, role)
    if role == "creator":
        page.get_by_role("link", name=re.compile("Course insight")).click()
    charts = page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)")
    expect(charts.first).to_be_visible()
    assert page.locator('head script[src="/door/stay.js"]').count() == 1
    page.goto(f"{demo_company.dashboards}/signed-out")
    heading(page, "You are signed out")
    assert said == []


def test_a_script_of_the_page_can_not_read_the_sign_in(page: Page, demo_company: Demo) -> None:
    enter(page, demo_company, "manager")
    heading(page, "Team compliance")
    assert "praxis_" not in page.evaluate("document.cookie")
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: 'window.planted = 1'}))")
    assert page.evaluate("window.planted") is None

"""The catalogue's page in a real browser: found while typing, filtered, gone back to, by keyboard, on a phone."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from stack.postgres import EmbeddedPostgres
from tests.conftest import _execute
from tests.e2e.studio_pages import PHONE, WIDE, Heard, Studio, enter, faults, studio_running
from tests.factories import make_course, make_enrollment, make_person
from tests.loops import apart
from tests.processes import free_port

MOST_BYTES = 150_000
TRANSFERRED = """
    performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
        .filter((one) => !one.name.includes("/media/")).map((one) => one.transferSize).reduce((a, b) => a + b)
"""


@pytest.fixture(scope="module")
def shop(
    postgres: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A company of its own, whose catalogue is empty at first."""
    apart(lambda: _execute(postgres.url(), f"create database shop template {template_database}"))
    settings = Settings(home=tmp_path_factory.mktemp("shop"), database_url=postgres.url("shop"), api_port=free_port())
    with studio_running(settings) as running:
        yield running


def fill(shop: Studio, titles: list[str], **fields: Any) -> None:
    """Published by others; the author is in the middle of the first."""

    async def write() -> None:
        engine = make_engine(shop.settings.database_url, pool_size=1)
        async with AsyncSession(engine, expire_on_commit=False) as session:
            owner = await make_person(session, "Owner")
            courses = [await make_course(session, owner, title, **fields) for title in titles]
            me = await session.scalar(text("select person_id from account where email = :e"), {"e": shop.author})
            await make_enrollment(session, type("Me", (), {"id": me})(), courses[0], progress_percent=40)
            await session.commit()
        await engine.dispose()

    apart(lambda: asyncio.run(write()))


def count(page: Page, said: str) -> None:
    expect(page.locator("#count")).to_have_text(said)


def test_a_course_is_found_while_one_types_filtered_and_gone_back_to(page: Page, shop: Studio) -> None:
    heard = Heard()
    page.on("console", heard)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    enter(page, shop, "/catalogue")
    expect(page.get_by_role("heading", name="There is no course yet")).to_be_visible()
    assert faults(page) == []

    fill(shop, ["Phishing mails", *(f"Ladders {number}" for number in range(1, 25))])
    fill(shop, ["Negotiating"], category="Leadership", difficulty="advanced")
    page.wait_for_timeout(1200)  # the API learns of what other processes publish within a second
    page.reload()
    count(page, "26 courses")
    assert page.evaluate(TRANSFERRED) < MOST_BYTES
    assert faults(page) == []

    page.focus("#q")
    page.keyboard.type("phis")
    count(page, "1 course for “phis”")
    assert page.evaluate("document.activeElement.id") == "q"
    expect(page).to_have_url(shop.url + "/catalogue?search=phis")
    expect(page.locator(".course .state")).to_have_text("Enrolled, 40%")
    page.fill("#q", "negociating")
    expect(page.locator(".alert-box")).to_contain_text("No course has “negociating”")
    page.get_by_role("link", name="negotiating", exact=True).click()
    expect(page).to_have_url(shop.url + "/catalogue?search=negotiating")
    page.fill("#q", "qqqqzzzz")
    count(page, "No course found")
    assert faults(page) == []
    page.get_by_role("link", name="Show all courses").click()
    count(page, "26 courses")
    assert page.input_value("#q") == ""

    expect(page.locator("#facets")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("link", name="Advanced").click()
    expect(page.get_by_role("button", name="Show 1 course")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Show 1 course").click()
    expect(page.locator("#facets")).to_be_hidden()
    page.get_by_role("link", name="Negotiating").click()
    page.wait_for_url("**/learn/*")
    page.go_back()
    count(page, "1 course")
    expect(page).to_have_url(shop.url + "/catalogue?difficulty=advanced")
    page.go_back()
    count(page, "26 courses")
    assert [one for one in heard.said if "404" not in one] == []


def test_the_keyboard_alone_filters_and_shows_more(page: Page, shop: Studio) -> None:
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    enter(page, shop, "/catalogue?sort=title")
    count(page, "26 courses")
    page.locator("#more").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#cards > li")).to_have_count(26)
    assert page.evaluate("document.activeElement.closest('li') === document.querySelectorAll('#cards > li')[18]")
    page.locator("#category-Leadership").focus()
    page.keyboard.press("Enter")
    count(page, "1 course")
    assert page.evaluate("document.activeElement.id") == "category-Leadership"
    page.keyboard.press("Enter")
    count(page, "26 courses")
    page.select_option("#sort", "duration")
    page.wait_for_url("**/catalogue?sort=duration")
    assert faults(page) == []


def test_without_scripts_the_form_and_its_links_do_the_same(chromium: Any, page: Page, shop: Studio) -> None:
    enter(page, shop, "/catalogue")
    cookies = page.context.cookies()
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)
    context.add_cookies(cookies)
    plain = context.new_page()
    plain.goto(shop.url + "/catalogue?difficulty=beginner")
    plain.fill("#q", "ladder")
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/catalogue?search=ladder*difficulty=beginner*")
    expect(plain.locator("#count")).to_contain_text("24 courses")
    plain.locator("#facets").get_by_role("link", name="Beginner").click()
    expect(plain).to_have_url(shop.url + "/catalogue?search=ladder")
    context.close()

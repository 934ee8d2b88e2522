"""Home and a course's page in Chromium: enrolling by the keyboard, going on, giving a course back, at both widths."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from api.core.settings import Settings
from api.courses.models import Module
from api.identity.service import hash_password
from tests.api.attacks.company import writing
from tests.e2e.studio_pages import PASSWORD, PHONE, WIDE, Heard, faults_at_both_widths
from tests.factories import make_course, make_enrollment, make_person, make_requirement
from tests.loops import apart
from tests.processes import free_port, serving

NOW = datetime.now(UTC)


@dataclass
class Told:
    url: str
    email: str
    new: str
    courses: dict[str, str]

    def enter(self, page: Page, path: str, email: str = "") -> None:
        page.goto(self.url + path)
        page.fill("#email", email or self.email)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{path}")


async def _write(settings: Settings) -> Told:
    async with writing(settings) as session:
        secret = hash_password(PASSWORD)
        author = await make_person(session, "Ada Author")
        me = await make_person(session, "Lea Learner", password_hash=secret)
        new = await make_person(session, "Nia New", password_hash=secret)
        starts = (NOW + timedelta(days=3)).isoformat()
        live = {"starts_at": starts, "time_zone": "Europe/Berlin", "place": "Room 1"}
        courses = {}
        for title in ("Ladders", "First aid", "Harness"):
            modules = [
                Module(position=1, kind="text", title="Before you climb", duration_s=300, body="Check it."),
                Module(position=2, kind="live", title="Practice", duration_s=3600, settings=live),
            ]
            courses[title] = await make_course(session, author, title, modules=modules)
        await make_requirement(session, courses["Ladders"], valid_from=NOW.date() - timedelta(33))
        await make_enrollment(session, me, courses["First aid"], completed_at=NOW)
        assert me.email
        assert new.email
        return Told(settings.api_url, me.email, new.email, {name: str(one.id) for name, one in courses.items()})


@pytest.fixture(scope="module")
def company(settings: Settings) -> Iterator[Told]:
    open_settings = settings.model_copy(update={"api_port": free_port()})
    told = apart(lambda: asyncio.run(_write(open_settings)))
    with serving(open_settings):
        yield told


def test_from_home_by_the_keyboard_into_a_course_and_out_of_it_again(page: Page, company: Told) -> None:
    heard = Heard()
    page.on("console", heard)
    company.enter(page, "/home")
    due = page.get_by_role("listitem").filter(has_text="Ladders")
    expect(due).to_contain_text("Overdue by 3 days")
    assert faults_at_both_widths(page) == []
    due.get_by_role("link", name="Ladders", exact=True).press("Enter")
    page.wait_for_url(f"**/learn/{company.courses['Ladders']}")
    expect(page.get_by_text("Mandatory for you")).to_be_visible()
    assert faults_at_both_widths(page) == []
    page.get_by_role("button", name="Enrol and begin").press("Enter")
    page.wait_for_url(f"**/learn/{company.courses['Ladders']}/*")
    page.goto(company.url + "/home")
    go_on = page.get_by_role("region", name="Continue where I was").locator(".btn-primary")
    expect(go_on).to_have_attribute("href", re.compile(f"^/learn/{company.courses['Ladders']}/"))
    page.goto(f"{company.url}/learn/{company.courses['Ladders']}")
    steps = page.locator(".steps li")
    expect(steps.first).to_contain_text("Next")
    expect(steps.last).to_contain_text("Room 1")
    with page.expect_download() as calendar:
        page.get_by_role("link", name="Into my calendar: Practice").press("Enter")
    assert "BEGIN:VEVENT" in calendar.value.path().read_text()
    assert faults_at_both_widths(page) == []
    page.get_by_role("button", name="Withdraw from the course").press("Enter")
    page.get_by_role("button", name="Stay enrolled").press("Enter")
    expect(page.get_by_role("button", name="Withdraw from the course")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Withdraw", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Enrol and begin")).to_be_visible()
    assert heard.said == []


def test_what_cannot_be_done_is_said_in_words_beside_the_button(page: Page, company: Told) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    company.enter(page, f"/learn/{company.courses['Harness']}")
    page.context.set_offline(True)
    page.get_by_role("button", name="Enrol and begin").click()
    expect(page.get_by_role("status").filter(has_text="There is no connection")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Enrol and begin").click()
    page.wait_for_url(f"**/learn/{company.courses['Harness']}/*")
    page.goto(f"{company.url}/learn/01a20a22-a1b4-734c-96fd-dad3b48bf5f3")
    expect(page.get_by_role("heading", name="There is no such course")).to_be_visible()
    assert faults_at_both_widths(page) == []


def test_somebody_on_their_first_day_is_led_to_the_catalogue(page: Page, company: Told) -> None:
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    company.enter(page, "/home", company.new)
    expect(page.get_by_role("heading", name="Hello, Nia")).to_be_visible()
    expect(page.get_by_role("link", name="Find a course")).to_have_attribute("href", "/catalogue")
    assert faults_at_both_widths(page) == []

"""Notifications as a person reads them and chooses among them, in a real browser."""

import asyncio
import json
import uuid
from typing import Any

import asyncpg
from playwright.sync_api import Page, expect

from tests.e2e.studio_pages import PHONE, Heard, Studio, enter, faults_at_both_widths
from tests.loops import apart

COURSE = str(uuid.uuid4())
FACTS = {"course_id": COURSE, "title": "Working at height", "due_on": "2020-01-31"}


def ask(studio: Studio, statement: str, *arguments: Any) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(studio.settings.database_url)
        try:
            return await connection.fetchval(statement, *arguments)
        finally:
            await connection.close()

    return apart(lambda: asyncio.run(run()))


def tell(studio: Studio, *kinds: str) -> None:
    for kind in kinds:
        ask(
            studio,
            "insert into notification (person_id, kind, subject, facts, occurred_at)"
            " select id, $2, uuidv7()::text, $3::jsonb, now() from person where email = $1",
            studio.author,
            kind,
            json.dumps(FACTS),
        )


def choice(studio: Studio, kind: str) -> Any:
    return ask(
        studio,
        "select c.mail from notification_choice c join person p on p.id = c.person_id where email = $1 and kind = $2",
        studio.author,
        kind,
    )


def test_what_is_new_is_at_the_bell_and_on_the_page_until_it_is_read(page: Page, studio: Studio) -> None:
    heard = Heard()
    page.on("console", heard)
    ask(studio, "delete from notification")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    enter(page, studio, "/notifications")
    expect(page.get_by_role("heading", name="Nothing yet")).to_be_visible()
    tell(studio, "overdue", "course_changed", "enrolled")
    page.reload()
    bell = page.locator("a.bell")
    expect(bell).to_have_accessible_name("Notifications: 3 new")
    assert (faults_at_both_widths(page), heard.said) == ([], [])
    first = page.get_by_role("listitem").first
    expect(first).to_contain_text("You are enrolled: Working at height")
    expect(first).to_contain_text("New")
    page.route(f"**/learn/{COURSE}", lambda route: route.fulfill(body="<link rel=icon href=data:,>there"))
    first.get_by_role("link").press("Enter")
    page.wait_for_url(f"**/learn/{COURSE}")
    page.go_back()
    heard.said.clear()
    page.reload()
    expect(page.locator("a.bell")).to_have_accessible_name("Notifications: 2 new")
    expect(page.get_by_role("listitem").first).not_to_contain_text("New")
    page.get_by_role("button", name="Mark all as read").press("Enter")
    expect(page.get_by_role("status").filter(has_text="All are marked as read.")).to_be_visible()
    expect(page.locator("a.bell")).to_have_accessible_name("Notifications")
    assert heard.said == []


def test_choices_are_saved_as_they_are_made_by_keyboard_and_told(page: Page, studio: Studio) -> None:
    heard = Heard()
    page.on("console", heard)
    enter(page, studio, "/notifications/choices")
    box = page.get_by_label("I am enrolled in a course: by mail")
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(box).to_be_focused()
    assert choice(studio, "enrolled") is False
    expect(page.get_by_label("Something is overdue: in the app (always)")).to_be_disabled()
    page.get_by_label("Collect mail").select_option("weekly")
    expect(page.get_by_label("The collected mail comes at")).to_be_visible()
    page.get_by_label("No mail in quiet hours").press("Space")
    expect(page.get_by_label("From", exact=True)).to_be_hidden()
    page.get_by_label("No mail in quiet hours").press("Space")
    page.get_by_label("From", exact=True).fill("21:15")
    page.keyboard.press("Tab")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert faults_at_both_widths(page) == []
    page.context.set_offline(True)
    page.get_by_label("I completed a course: by mail").press("Space")
    expect(page.get_by_role("alert")).to_contain_text("there is no connection")
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_label("Collect mail")).to_have_value("weekly")
    expect(page.get_by_label("From", exact=True)).to_have_value("21:15")
    expect(page.get_by_label("I am enrolled in a course: by mail")).not_to_be_checked()
    expect(page.get_by_label("I completed a course: by mail")).to_be_checked()
    assert [line for line in heard.said if "ERR_INTERNET_DISCONNECTED" not in line] == []


def test_the_form_and_the_link_in_a_mail_need_no_script(page: Page, studio: Studio) -> None:
    """The author is no manager and no learner yet: choices are everybody's own."""
    without = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain = without.new_page()
    enter(plain, studio, "/notifications/choices")
    plain.get_by_label("A seat from the waiting list is mine: by mail").uncheck()
    plain.get_by_role("button", name="Save").click()
    expect(plain.locator("#saved")).to_be_visible()
    assert choice(studio, "promoted") is False
    assert choice(studio, "waitlisted") is False, "as it was by default"
    without.close()

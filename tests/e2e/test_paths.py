"""Paths, requests and seats in Chromium: written in the studio, walked as a learner, decided as a manager."""

import asyncio
import uuid
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.people.models import Person
from tests.e2e.studio_pages import Heard, Studio, enter, faults_at_both_widths, told
from tests.factories import make_person
from tests.loops import apart

pytestmark = pytest.mark.usefixtures("studio")
TEXT = {"kind": "text", "title": "Read this", "duration_s": 600, "body": "Keep safe."}


@pytest.fixture
def page(chromium: Browser) -> Any:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    found = context.new_page()
    found.set_default_timeout(30_000)
    yield found
    context.close()


def hired(studio: Studio, *names: str) -> list[str]:
    """E-mails of new people below the author."""

    async def hire() -> list[str]:
        engine = make_engine(studio.settings.database_url, pool_size=1)
        async with AsyncSession(engine, expire_on_commit=False) as session:
            lead = (await session.scalars(select(Person).where(Person.email == studio.author))).one()
            people = [await make_person(session, name, manager=lead, started_on=date(2024, 1, 1)) for name in names]
            await session.commit()
        await engine.dispose()
        return [str(person.email) for person in people]

    return apart(lambda: asyncio.run(hire()))


def test_a_path_is_put_together_by_keyboard_published_and_walked(page: Page, studio: Studio) -> None:
    mark = uuid.uuid4().hex[:6]
    for name in ("Ladders", "Harnesses"):
        studio.course(TEXT, title=f"{name} {mark}", publish=True)
    heard = Heard()
    page.on("console", heard)
    enter(page, studio, "/studio/paths")
    expect(page.locator("#paths")).to_have_attribute("aria-busy", "false")
    page.locator("#create").press("Enter")
    page.get_by_label("Title").fill(f"Up high {mark}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/studio/paths/*-*")
    search = page.get_by_label("Add a course")
    for name in ("Ladders", "Harnesses"):
        search.fill(f"{name} {mark}")
        expect(page.get_by_role("option", name=f"{name} {mark}")).to_be_visible()
        search.press("Enter")
        expect(page.locator(".path-items")).to_contain_text(f"{name} {mark}")
    page.get_by_label(f"Move Harnesses {mark} up").press("Enter")
    expect(page.locator(".path-items li").first).to_contain_text("Harnesses")
    expect(page.get_by_label(f"Move Harnesses {mark} down")).to_be_focused()
    page.get_by_role("button", name="Publish").press("Enter")
    expect(page.locator("#path-state")).to_contain_text("Published")
    assert faults_at_both_widths(page) == []
    address = page.get_by_role("link", name="See it as a learner").get_attribute("href")
    page.goto(studio.url + "/paths")
    assert faults_at_both_widths(page) == []
    page.get_by_role("link", name=f"Up high {mark}").press("Enter")
    page.wait_for_url(f"**{address}")
    page.get_by_role("button", name="Enrol in the path").press("Enter")
    expect(page.get_by_role("status").filter(has_text="on your way")).to_be_visible()
    expect(page.locator(".step.going")).to_contain_text(f"Harnesses {mark}")
    expect(page.locator(".step.locked")).to_contain_text(f"Ladders {mark}")
    assert faults_at_both_widths(page) == []
    page.get_by_text("Leave this path").press("Enter")
    page.get_by_role("button", name="Leave the path").press("Enter")
    expect(page.get_by_text("You left this path")).to_be_visible()
    assert heard.said == []


def test_a_manager_decides_and_an_author_opens_seats(page: Page, studio: Studio) -> None:
    members = hired(studio, "Mara Klein", "Noor Aziz", "Piet Vos")
    course = studio.course(TEXT, title=f"Coaching {uuid.uuid4().hex[:6]}", publish=True)["course_id"]
    heard = Heard()
    page.on("console", heard)
    enter(page, studio, f"/studio/courses/{course}/enrolment")
    page.get_by_label("Seats").fill("0")
    page.get_by_label("The manager says yes first").check()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Give a whole number from 1 to 100,000")).to_be_visible()
    page.get_by_label("Seats").fill("1")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#facts")).to_contain_text("0 of 1 seat taken")
    for email in members:
        with studio.client(email, "employee") as api:
            assert api.post("/enroll", json={"course_id": course}).status_code == 202
    page.goto(studio.url + "/team/requests")
    assert faults_at_both_widths(page) == []
    for name, notice in (("Mara Klein", "they are enrolled"), ("Noor Aziz", "on its waiting list")):
        page.get_by_role("button", name=f"Approve: {name}").press("Enter")
        expect(page.get_by_role("status").filter(has_text=notice)).to_be_visible()
    page.get_by_label("Decline: Piet Vos").press("Enter")
    decline = page.get_by_role("button", name="Decline", exact=True)
    decline.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Give a reason")
    page.get_by_label("Why not?").fill("After the audit.")
    decline.press("Enter")
    expect(page.get_by_text("Nothing to decide")).to_be_visible()
    page.goto(f"{studio.url}/studio/courses/{course}/enrolment")
    expect(page.locator("#facts")).to_contain_text("1 person on the waiting list")
    page.get_by_label("Seats").fill("2")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#facts")).to_contain_text("2 of 2 seats taken")
    assert faults_at_both_widths(page) == []
    with studio.client(members[2], "employee") as api:
        mine = told(api.get("/enrollment-requests", params={"mine": "true"}))["items"]
        assert [(one["status"], one["reason"]) for one in mine] == [("declined", "After the audit.")]
    assert heard.said == []

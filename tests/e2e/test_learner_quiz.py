"""A quiz in Chromium as its learner meets it: every kind by keyboard, a crash, no network, the time up."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from tests.api.attacks.company import writing
from tests.api.learning.quizzed import ALL_KINDS
from tests.e2e.studio_pages import PASSWORD, PHONE, Heard, Studio, faults_at_both_widths, told
from tests.loops import apart

WAIT_MS = 30_000
expect.set_options(timeout=WAIT_MS)
FOCUSED = "[document.activeElement.type ?? document.activeElement.tagName, document.activeElement.innerText].join(' ')"
Opened = Callable[[], Page]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def opened(chromium: Browser, studio: Studio, heard: Heard) -> Iterator[Opened]:
    """A browser of its own each time, signed in as the learner: another device."""
    contexts = []

    def make() -> Page:
        context = chromium.new_context(viewport=PHONE)
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("response", lambda one: heard.said.append(f"{one.status} {one.url}") if one.status > 399 else None)
        page.on("pageerror", lambda error: heard.said.append(str(error)))
        page.goto(f"{studio.url}/sign-in?next=/account")
        page.fill("#email", studio.learners[0])
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{studio.url}/account")
        return page

    yield make
    for context in contexts:
        context.close()


def quiz(studio: Studio, *questions: dict[str, Any], **settings: Any) -> str:
    """The page of a published quiz that the learner is enrolled in."""
    module = {"kind": "quiz", "title": "Are you ready?", "questions": list(questions), "settings": settings}
    draft = studio.course(module, publish=True)
    with studio.client(studio.learners[0], "employee") as learner:
        told(learner.post("/enroll", json={"course_id": draft["course_id"]}))
        content = told(learner.get("/course-content", params={"course_id": draft["course_id"]}))
    return f"{studio.url}/learn/{draft['course_id']}/{content['modules'][0]['id']}"


def with_ids(question: dict[str, Any]) -> dict[str, Any]:
    choices = [{**choice, "id": str(uuid.uuid4())} for choice in question.get("choices", [])]
    return {"kind": "single", **question, "id": str(uuid.uuid4()), "choices": choices}


def tab_to(page: Page, name: str) -> None:
    for _ in range(150):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{name} is not reached by Tab")


def due(studio: Studio, ago_s: int) -> None:
    """All open attempts were due so long ago: nobody waits in a test."""

    async def change() -> None:
        async with writing(studio.settings) as session:
            back = text("update quiz_sitting set due_at = now() - make_interval(secs => :ago) where due_at is not null")
            await session.execute(back, {"ago": ago_s})

    apart(lambda: asyncio.run(change()))


def test_every_kind_is_answered_by_keyboard_through_a_crash_and_without_a_network(
    studio: Studio, opened: Opened, heard: Heard
) -> None:
    questions = [with_ids(question) for question in ALL_KINDS]
    questions[2]["choices"] = questions[2]["choices"][:3]
    questions[3]["choices"] = questions[3]["choices"][:2]
    address = quiz(studio, *questions, time_limit_s=3600)
    page = opened()
    page.goto(address)
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    assert faults_at_both_widths(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    tab_to(page, "Begin")
    page.keyboard.press("Enter")
    expect(page.get_by_text("0 of 7 answered")).to_be_visible()
    tab_to(page, "radio")
    page.keyboard.press("ArrowDown")  # the second, which is right
    tab_to(page, "checkbox")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_text("2 of 7 answered")).to_be_visible()
    expect(page.locator(".quiz-saved")).to_have_text("Saved")
    page.context.close()  # the crash

    page = opened()
    page.goto(address)
    expect(page.get_by_text("2 of 7 answered")).to_be_visible()
    expect(page.get_by_role("timer")).to_contain_text("left")
    expect(page.get_by_role("radio", name="Stop")).to_be_checked()
    steps = page.locator(".quiz-order li")
    page.get_by_role("button", name="This order is right").press("Enter")
    for wanted in range(3):  # each step up to where it belongs
        for _ in range(3):
            at = [item.inner_text().strip() for item in steps.all()].index(f"Step {wanted}")
            if at == wanted:
                break
            page.get_by_role("button", name=f"Move Step {wanted} up").press("Enter")
    for number in range(2):
        select = page.get_by_label(f"left {number}")
        select.focus()
        while select.input_value() != f"right {number}":
            page.keyboard.press("ArrowDown")
    expect(page.locator(".quiz-saved")).to_have_text("Saved")
    page.context.set_offline(True)
    tab_to(page, "text")
    page.keyboard.type("about 1.5")
    expect(page.locator(".quiz-saved")).to_contain_text("kept on this device")
    page.keyboard.press("Tab")
    page.keyboard.type("ada")
    assert faults_at_both_widths(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.context.set_offline(False)
    expect(page.locator(".quiz-saved")).to_have_text("Saved")
    page.get_by_role("button", name="Submit answers").press("Enter")
    expect(page.get_by_text("Give a number alone")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type("1,5")
    page.get_by_role("button", name="Submit answers").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("One question has no answer yet.")
    tab_to(page, "Question 7")
    page.keyboard.press("Enter")
    page.keyboard.type("a")
    page.keyboard.press("Tab")
    page.keyboard.type("b")
    page.get_by_role("button", name="Submit").press("Enter")
    expect(page.get_by_role("heading", name="Passed with 100%")).to_be_focused()
    expect(page.get_by_text("Never climb what wobbles.")).to_be_visible()
    assert faults_at_both_widths(page) == []
    heard.said = [one for one in heard.said if "ERR_INTERNET_DISCONNECTED" not in one]
    assert heard.said == []


def test_when_the_time_is_up_what_was_saved_is_scored_and_extra_time_comes_at_once(
    studio: Studio, opened: Opened
) -> None:
    single, number = with_ids(ALL_KINDS[0]), with_ids(ALL_KINDS[4])
    address = quiz(studio, single, number, time_limit_s=600, attempts=3)
    page = opened()
    page.goto(address)
    for _ in range(2):
        page.get_by_role("button", name="Begin").or_(page.get_by_role("button", name="Try again")).click()
        page.get_by_role("radio", name="Stop").check()
        expect(page.locator(".quiz-saved")).to_have_text("Saved")
        if _ == 0:  # the page is there when the time ends
            due(studio, 5)
            page.get_by_role("textbox").fill("1.5")
            expect(page.get_by_role("heading", name="Passed with 100%")).to_be_visible()
        else:  # nobody is
            page.goto("about:blank")
            due(studio, 60)
            page.goto(address)
            expect(page.get_by_text("The time was up: what you had saved until then was scored.")).to_be_visible()
            expect(page.get_by_role("heading", name="Not passed: 50%")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("timer")).to_be_visible()
    with studio.client(studio.learners[0], "employee") as learner:
        person = told(learner.get("/me"))["person"]["id"]
    with studio.client(studio.author, "officer") as officer:
        told(officer.put("/extra-time", json={"person_id": person, "percent": 100}))
    page.get_by_role("radio", name="Stop").check()
    expect(page.get_by_text("You have more time now.")).to_be_attached()
    page.reload()
    expect(page.get_by_text("With your extra time.")).to_be_visible()
    assert page.get_by_role("timer").inner_text().startswith(("19:", "20:"))

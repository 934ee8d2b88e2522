"""Writing a quiz in Chromium by keyboard alone, and the banks that it draws from."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.studio import Heard, Studio, enter, faults_at_both_widths, told

NAME = """
(() => {
  const it = document.activeElement;
  return it.getAttribute("aria-label") ?? (it.labels?.length ? it.labels[0].innerText : it.innerText).trim();
})()
"""


@pytest.fixture
def heard(page: Page) -> Heard:
    listening = Heard()
    page.on("console", listening)
    page.on("pageerror", lambda error: listening.said.append(str(error)))
    return listening


def open_quiz(page: Page, studio: Studio, *questions: dict[str, Any]) -> str:
    """A new course's only module; gives the id of the course."""
    draft = studio.course({"kind": "quiz", "title": "Are you ready?", "questions": list(questions)})
    enter(page, studio, f"/studio/courses/{draft['course_id']}/modules/{draft['modules'][0]['id']}")
    expect(page.get_by_role("heading", name="Add a question")).to_be_visible()
    return str(draft["course_id"])


def go(page: Page, name: str, *, key: str = "Tab") -> None:
    """By Tab to the control of this name, as who has no mouse."""
    for _ in range(120):
        page.keyboard.press(key)
        if page.evaluate(NAME).startswith(name):
            return
    raise AssertionError(f"{name} is not reached by {key}")


def fill(page: Page, **texts: str) -> None:
    for name, text in texts.items():
        go(page, name.replace("_", " "))
        page.keyboard.type(text)


def add(page: Page, kind: str, text: str) -> None:
    go(page, kind)
    page.keyboard.press("Enter")
    page.keyboard.type(text)


def saved(page: Page, studio: Studio, course_id: str) -> dict[str, Any]:
    """The module as the server has it, once the page says that all is saved."""
    page.evaluate("new Promise(done => setTimeout(done, 1100))")  # it saves a second after the last change
    expect(page.locator(".save-note")).to_contain_text("Saved")
    with studio.client() as api:
        module: dict[str, Any] = told(api.get("/course-draft", params={"course_id": course_id}))["modules"][0]
        return module


def write_all_kinds(page: Page) -> None:
    add(page, "One answer", "The ladder wobbles. What now?")
    fill(page, Answer_1="Climb fast", Answer_2="Do not climb")
    go(page, "Answer 1 is right", key="Shift+Tab")
    page.keyboard.press("ArrowDown")
    add(page, "Several answers", "What do you wear?")
    fill(page, Answer_1="A helmet", Answer_2="Slippers")
    go(page, "Answer 1 is right", key="Shift+Tab")
    page.keyboard.press("Space")
    add(page, "Put in order", "After an accident")
    fill(page, Step_1="Stop", Step_2="Report")
    page.keyboard.press("Enter")
    page.keyboard.type("Help")
    go(page, "Move Step 3 up")
    page.keyboard.press("Enter")
    add(page, "Match pairs", "Who helps with what?")
    fill(page, Entry_1="A broken rung", Partner_of_entry_1="Workshop", Entry_2="A fall", Partner_of_entry_2="First aid")
    add(page, "Number", "How many metres stand above the edge?")
    fill(page, The_right_number="1", Tolerance="0.1")
    add(page, "Short text", "Who checks the ladder?")
    fill(page, Accepted_answer_1="I do")
    page.keyboard.press("Enter")
    page.keyboard.type("me")
    add(page, "Fill the gaps", "A ladder has rails and ")
    go(page, "Insert a gap")
    page.keyboard.press("Enter")
    page.keyboard.type(".")
    go(page, "Gap 1, accepted answer 1")
    page.keyboard.type("rungs")


def answer_all_kinds(page: Page) -> None:
    go(page, "Climb fast")
    page.keyboard.press("ArrowDown")
    go(page, "A helmet")
    page.keyboard.press("Space")
    for wanted in ("Report", "Help", "Stop"):  # the last one put first stands first
        up = page.get_by_role("dialog").get_by_role("button", name=f"Move {wanted} up")
        while up.is_enabled():
            up.press("Enter")
    page.get_by_label("A broken rung").press("W")
    page.get_by_label("A fall").press("F")
    page.get_by_role("textbox", name="How many metres").press("1")
    page.get_by_role("textbox", name="Who checks the ladder").focus()
    page.keyboard.type("ME")
    go(page, "Gap 1")
    page.keyboard.type("rungs")
    go(page, "Submit answers")
    page.keyboard.press("Enter")


def test_a_quiz_of_all_kinds_is_written_and_tried_by_keyboard_alone(page: Page, studio: Studio, heard: Heard) -> None:
    course_id = open_quiz(page, studio)
    write_all_kinds(page)
    kept = saved(page, studio, course_id)["questions"]
    assert [question["kind"] for question in kept] == [
        *("single", "multiple", "ordering", "matching", "numeric", "short_text", "cloze")
    ]
    assert [choice["is_correct"] for choice in kept[0]["choices"]] == [False, True]
    assert [choice["label"] for choice in kept[2]["choices"]] == ["Stop", "Help", "Report"]
    assert kept[4]["spec"] == {"value": 1, "tolerance": 0.1}
    assert kept[6]["prompt"] == "A ladder has rails and {{1}}."
    assert faults_at_both_widths(page) == []
    go(page, "Try it out", key="Shift+Tab")
    page.keyboard.press("Enter")
    answer_all_kinds(page)
    expect(page.get_by_text("100 % of the points: passed.")).to_be_visible()
    assert page.get_by_text("Right", exact=True).count() == 7
    assert faults_at_both_widths(page) == []
    assert heard.said == []

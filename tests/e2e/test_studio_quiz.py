"""Writing a quiz in Chromium by keyboard alone, and the banks that it draws from."""

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.studio_pages import Heard, Studio, enter, faults_at_both_widths, told

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
        if page.evaluate(NAME) == name:
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
    expect(page.locator(".quiz-outcome")).to_contain_text("100 % of the points: passed.")
    assert page.get_by_text("Right", exact=True).count() == 7
    assert faults_at_both_widths(page) == []
    assert heard.said == []


def question(prompt: str, *labels: str, **more: Any) -> dict[str, Any]:
    choices = [{"label": label, "is_correct": label == labels[0]} for label in labels]
    return {"kind": "single", "prompt": prompt, "choices": choices, **more}


def prompts(module: dict[str, Any]) -> list[str]:
    return [one["prompt"] for one in module["questions"]]


def press(page: Page, name: str, *, key: str = "Enter") -> None:
    page.get_by_role("button", name=name, exact=True).press(key)


def test_questions_are_moved_copied_deleted_and_brought_back(page: Page, studio: Studio, heard: Heard) -> None:
    course_id = open_quiz(page, studio, *(question(text, "Yes", "No") for text in ("One?", "Two?", "Three?")))
    page.locator(".item .drag-handle").last.drag_to(page.locator(".item").first, target_position={"x": 30, "y": 4})
    assert prompts(saved(page, studio, course_id)) == ["Three?", "One?", "Two?"]
    press(page, "Move question 3 up")
    assert page.evaluate(NAME) == "Move question 2 up", "the keyboard stays with the question"
    press(page, "Duplicate question 1")
    page.keyboard.type(" Or not?")
    assert prompts(saved(page, studio, course_id)) == ["Three?", "Three? Or not?", "Two?", "One?"]
    press(page, "Delete question 3")
    assert prompts(saved(page, studio, course_id)) == ["Three?", "Three? Or not?", "One?"]
    page.locator(".note-action").press("Enter")
    assert prompts(saved(page, studio, course_id)) == ["Three?", "Three? Or not?", "Two?", "One?"]
    assert heard.said == []


def test_a_quiz_says_what_is_missing_at_the_question(page: Page, studio: Studio) -> None:
    open_quiz(page, studio, question("One?", "Yes", "No"), {"kind": "numeric", "prompt": "How many?"})
    expect(page.locator(".item").nth(1).locator(".problems")).to_contain_text("give the right number")
    expect(page.locator(".item").nth(0).locator(".problems")).to_be_hidden()
    page.locator(".item-toggle").nth(1).press("Enter")
    go(page, "The right number")
    page.keyboard.type("3")
    expect(page.locator(".item").nth(1).locator(".problems")).to_be_hidden()
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(picture, "PNG")
    given: FilePayload = {"name": "sea.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    page.locator("input[type=file]").set_input_files(given)
    expect(page.locator(".item").nth(1).locator(".problems")).to_contain_text("say what the image shows")
    page.keyboard.type("The sea")  # the keyboard is where the picture is described
    expect(page.locator(".item").nth(1).locator(".problems")).to_be_hidden()
    assert page.evaluate("document.querySelector('.item-picture').naturalWidth") == 40


def test_a_bank_is_filled_and_a_quiz_draws_from_it(page: Page, studio: Studio, heard: Heard) -> None:
    course_id = open_quiz(page, studio)
    page.goto(f"{studio.url}/studio/banks")
    page.get_by_role("button", name="New bank").first.press("Enter")
    page.keyboard.type("Ladders")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ladders")).to_be_visible()
    add(page, "Number", "How high?")
    go(page, "Tags", key="Shift+Tab")
    page.keyboard.type("Height, Rules")
    go(page, "Add it to the bank")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not saved: Give the right number.")).to_be_visible()
    go(page, "The right number", key="Shift+Tab")
    page.keyboard.type("3")
    go(page, "Add it to the bank")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved: version 1.")).to_be_visible()
    expect(page.get_by_label("Tag", exact=True)).to_contain_text("height (1)")
    assert faults_at_both_widths(page) == []
    with studio.client() as api:
        bank = told(api.get("/question-banks"))["items"][0]
        draft = told(api.get("/course-draft", params={"course_id": course_id}))
    page.goto(f"{studio.url}/studio/courses/{course_id}/modules/{draft['modules'][0]['id']}")
    press(page, "Draw from a bank")
    go(page, "Tags")
    page.keyboard.type("height")
    page.keyboard.press("Tab")
    expect(page.get_by_text("1 item match")).to_be_visible()
    page.keyboard.type("2")
    expect(page.get_by_text("Only 1 item match")).to_be_visible()
    module = saved(page, studio, course_id)
    assert module["settings"]["draws"] == [{"bank_id": bank["id"], "tags": ["height"], "count": 2}]
    press(page, "From a bank")
    page.get_by_role("dialog").get_by_role("checkbox").press("Space")
    page.get_by_role("dialog").get_by_role("button", name="Add them").press("Enter")
    assert prompts(saved(page, studio, course_id)) == ["How high?"]
    page.goto(f"{studio.url}/studio/banks")
    assert faults_at_both_widths(page) == []
    press(page, "Delete Ladders")
    page.get_by_role("button", name="Delete it").press("Enter")
    expect(page.locator(".note-error")).to_contain_text("draw")
    assert [said for said in heard.said if "409" not in said and "422" not in said] == []


def test_an_edited_item_of_a_bank_is_another_version_and_no_edit_of_others_is_lost(page: Page, studio: Studio) -> None:
    with studio.client() as api:
        bank = told(api.post("/question-banks", json={"title": "Helmets"}))
        item = told(api.post("/bank-items", json={"bank_id": bank["id"], **question("Old?", "Yes", "No"), "tags": []}))
    enter(page, studio, f"/studio/banks/{bank['id']}")
    page.locator(".item-toggle").press("Enter")
    go(page, "Question")
    page.keyboard.type("New? ")
    press(page, "Save the item")
    expect(page.get_by_text("Saved: version 2.")).to_be_visible()
    with studio.client() as api:
        theirs = {**question("Theirs?", "Yes", "No"), "tags": ["head"]}
        told(api.put(f"/bank-items/{item['item_id']}", json=theirs, headers={"If-Match": '"2"'}))
    go(page, "Question", key="Shift+Tab")
    page.keyboard.type("Mine? ")
    press(page, "Save the item")
    press(page, "Show theirs, drop mine")
    expect(page.locator(".item-title")).to_have_text("Theirs?")

"""Notes, comments, bookmarks and ratings in Chromium; and the whole way of a learner in German."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, expect

from api.core import i18n
from tests.e2e.player_help import School, school
from tests.e2e.studio_pages import PHONE, Heard, Studio, faults, faults_at_both_widths

PAGES = (
    *("/home", "/catalogue", "/learn/{course}", "/learn/{course}/{text}", "/learn/{course}/{video}", "/paths"),
    *("/my/notes", "/my/certificates", "/notifications", "/notifications/choices", "/team/requests", "/account"),
    *("/learn/{course}/{document}", "/learn/{course}/{live}", "/learn/{course}/{link}", "/verify"),
)
SHOWN = """() => {
  const told = [document.title];
  const foreign = "script, style, option, .prose, [lang]:not(html)";
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(foreign);
  for (const one of document.body.querySelectorAll("*")) {
    if (!isShown(one)) continue;
    for (const node of one.childNodes) if (node.nodeType === 3) told.push(node.textContent);
    for (const name of ["aria-label", "placeholder", "title", "alt"]) told.push(one.getAttribute(name) ?? "");
  }
  return told.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""


READY = "while (film.readyState < 2) await new Promise((go) => setTimeout(go, 50))"


@pytest.fixture(scope="module")
def told(studio: Studio) -> School:
    return school(studio.settings)


@pytest.fixture
def german(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="de-DE", viewport=PHONE)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def test_a_note_at_a_place_is_written_found_and_brought_back(studio: Studio, told: School, page: Page) -> None:
    page.on("console", heard := Heard())
    told.enter(page, "video")
    page.locator("video").evaluate(f"async (film) => {{ {READY}; film.currentTime = 9; }}")
    field = page.get_by_label("New note")
    expect(page.get_by_role("checkbox", name="At 0:09")).to_be_checked()
    page.locator("#module-title").focus()
    page.keyboard.press("n")
    expect(field).to_be_focused()
    page.keyboard.type("Never <b>n</b>ot again")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notes-text")).to_have_text("Never <b>n</b>ot again")
    expect(field).to_have_value("")
    assert faults_at_both_widths(page) == []
    page.locator("video").evaluate("(film) => { film.currentTime = 0; }")
    page.get_by_role("button", name="Go to 0:09 in the video").click()
    assert page.locator("video").evaluate("(film) => film.currentTime") == pytest.approx(9, abs=1)
    page.get_by_role("button", name="Change this note").click()
    page.get_by_label("Change this note").fill("Always again")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Change this note")).to_be_focused()
    page.get_by_role("button", name="Delete this note").click()
    expect(field).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".notes-text")).to_have_text("Always again")
    page.get_by_role("button", name="Bookmark this step").click()
    expect(page.get_by_role("button", name="Step is bookmarked")).to_have_attribute("aria-pressed", "true")
    page.goto(studio.url + "/my/notes?q=again")
    expect(page.get_by_role("status").filter(has_text="1 note with")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    assert faults_at_both_widths(page) == []
    with page.expect_download() as file:
        page.get_by_role("link", name="Markdown").click()
    assert "> Always again" in file.value.path().read_text()
    page.get_by_role("link", name="To 0:09 in the video").click()
    page.wait_for_url(f"**/{told.steps['video']}?t=9")
    page.locator("video").evaluate(
        "async (film) => { while (film.currentTime < 8) await new Promise((go) => setTimeout(go, 50)); }"
    )
    assert heard.said == []


def test_comments_are_answered_and_a_course_is_rated(told: School, page: Page) -> None:
    page.on("console", heard := Heard())
    told.enter(page, "text")
    page.get_by_role("tab", name="My notes").press("ArrowRight")
    page.get_by_label("New comment").fill("Which ladder?")
    page.get_by_role("button", name="Send comment").click()
    page.get_by_role("button", name="Answer", exact=True).click()
    page.get_by_label("Answer to Lea Learner").fill("The long one.")
    page.get_by_role("button", name="Send answer").click()
    expect(page.locator(".replies .notes-text")).to_have_text("The long one.")
    assert faults_at_both_widths(page) == []
    page.get_by_role("button", name="Delete this comment").first.click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("This comment was deleted.")).to_be_visible()
    page.goto(told.page("text").rsplit("/", 1)[0])
    page.get_by_role("radio", name="4 stars").check(force=True)
    page.get_by_label("Comment").fill("Short and clear.")
    page.get_by_role("button", name="Rate this course").click()
    expect(page.get_by_role("button", name="Change my rating")).to_be_focused()
    expect(page.locator("#ratings .notes-text")).to_have_text("Short and clear.")
    assert faults_at_both_widths(page) == []
    assert heard.said == []


def test_the_whole_way_is_german_for_who_reads_german(studio: Studio, told: School, german: Page) -> None:
    german.goto(f"{studio.url}/home")
    assert english_on(german) == []
    told.enter(german, "text")
    for path in PAGES:
        german.goto(studio.url + path.format(course=told.course_id, **told.steps))
        german.locator("main").wait_for()
        german.wait_for_load_state("networkidle")
        assert (path, german.evaluate("document.documentElement.lang"), english_on(german)) == (path, "de", [])
        assert (path, faults(german)) == (path, [])
    german.goto(f"{studio.url}/account")
    german.select_option("#language", "en")
    german.get_by_role("button", name="Speichern").click()
    expect(german.get_by_role("status")).to_have_text("Your language and time zone are saved.")


def english_on(page: Page) -> list[str]:
    """What a page shows of the messages whose translation is another."""
    with (i18n.LOCALES / "de" / "messages.po").open("rb") as file:
        catalog = list(read_po(file, locale="de"))
    german = {text for one in catalog for text in _texts(one.string)}
    english = {text for one in catalog for text in _texts(one.id)} - german
    patterns = [re.compile(_pattern(text)) for text in english if len(re.sub(r"[{(]\w+[})]|\W", "", text)) > 2]
    return [text for text in page.evaluate(SHOWN) if any(pattern.fullmatch(text) for pattern in patterns)]


def _texts(told: object) -> list[str]:
    return [str(one) for one in told] if isinstance(told, list | tuple) else [str(told)]


def _pattern(message: str) -> str:
    parts = re.split(r"\{\w+\}|%\(\w+\)s", " ".join(message.split()))
    return ".+".join(re.escape(part) for part in parts)

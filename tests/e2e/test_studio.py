"""The creator studio in a real browser: a course by keyboard alone, two authors at once, a lost connection, axe."""

import asyncio
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.service import hash_password
from tests.api.media.files import make_clip
from tests.e2e.studio import PASSWORD, PHONE, WIDE, Studio, faults, opened, press, saved, tab_to, until
from tests.factories import make_person
from tests.loops import apart
from tests.processes import free_port, running

KINDS = ("text", "video", "document", "link", "package", "quiz", "live")


def two_sections() -> list[dict[str, str]]:
    return [{"id": str(uuid.uuid4()), "title": title} for title in ("On the ground", "High up")]


def modules(section: dict[str, str], *kinds: str) -> list[dict[str, str]]:
    return [{"kind": kind, "title": f"A {kind}", "section_id": section["id"]} for kind in kinds or KINDS]


@pytest.fixture(scope="module")
def studio(settings: Settings) -> Iterator[Studio]:
    ours = settings.model_copy(update={"api_port": free_port(), "dashboards_port": free_port()})

    async def fill() -> list[str]:
        engine = make_engine(ours.database_url, pool_size=1)
        async with AsyncSession(engine) as session, session.begin():
            secret = hash_password(PASSWORD)
            people = [
                await make_person(session, name, roles=roles, password_hash=secret)
                for name, roles in (("Cora Creator", ("creator",)), ("Otto Other", ("creator",)), ("Emil Employee", ()))
            ]
            told = [str(person.email) for person in people]
        await engine.dispose()
        return told

    emails = apart(lambda: asyncio.run(fill()))
    expect.set_options(timeout=20_000)  # a worker transcodes meanwhile
    with running(ours, "api", "worker"):
        yield Studio(ours, *emails)
    expect.set_options(timeout=5_000)


def outline(page: Page) -> list[str]:
    return [text.split("\n")[0] for text in page.locator(".ol-open").all_inner_texts()]


def test_a_course_is_written_with_the_keyboard_alone_video_included(
    studio: Studio, chromium: Browser, tmp_path: Path
) -> None:
    keys = (page := studio.page(chromium.new_context(viewport=WIDE))).keyboard  # type: ignore[arg-type]
    page.on("filechooser", lambda _: None)  # from now on: asked for only at the key, the browser's own may be quicker
    page.goto(f"{studio.url}/studio")
    tab_to(page, "E-mail")
    keys.type(studio.creator)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Courses", exact=True)).to_be_visible()

    expect(page.get_by_text("Create your first course")).to_be_visible()
    tab_to(page, "New course")
    press(page, "Enter", leads_to="Title")
    keys.type("Working at height")
    tab_to(page, "Category")
    keys.type("Safety")
    keys.press("Enter")
    opened(page)
    course_id = page.url.rsplit("/", 1)[1]

    tab_to(page, "Add section")
    press(page, "Enter", leads_to="Title")
    keys.type("On the ground")
    tab_to(page, "Add a module here")
    press(page, "Enter", leads_to="Video")
    tab_to(page, "Text page")
    press(page, "Enter", leads_to="Title")
    keys.type("Before you climb")
    tab_to(page, "Text", "TEXTAREA")
    keys.type("Check the **ladder**.")
    expect(page.locator(".md-preview strong")).to_have_text("ladder")
    keys.press("Control+Home")
    page.evaluate("document.querySelector('#main').focus()")
    tab_to(page, "Add module")
    press(page, "Enter", leads_to="Video")  # the first kind
    press(page, "Enter", leads_to="Title")
    keys.type("The film")
    tab_to(page, "Upload a video")
    with page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files(make_clip(tmp_path / "film.mp4"))
    expect(page.locator(".media-field").get_by_text("Ready")).to_be_visible(timeout=60_000)

    page.evaluate("document.querySelector('#main').focus()")
    tab_to(page, "Move The film")
    keys.press("Space")
    keys.press("ArrowUp")
    expect(page.locator("#announcer")).to_have_text("The film moved to place 1 of 2 in On the ground.")
    keys.press("Space")
    keys.press("Space")
    keys.press("ArrowUp")
    expect(page.locator("#announcer")).to_have_text("The film moved to place 1 of 1 before the sections.")
    keys.press("Escape")
    expect(page.locator("#announcer")).to_have_text("The film put back.")
    assert outline(page) == ["On the ground", "The film", "Before you climb"]
    saved(page)
    draft = studio.draft(course_id)
    assert [(one["title"], one["kind"]) for one in draft["modules"]] == [
        ("The film", "video"),
        ("Before you climb", "text"),
    ]
    assert {one["section_id"] for one in draft["modules"]} == {draft["sections"][0]["id"]}
    assert draft["modules"][0]["media_id"]
    assert draft["modules"][1]["body"] == "Check the **ladder**."
    assert studio.said == []


def test_modules_go_by_mouse_and_arrows_are_deleted_and_come_back(studio: Studio, chromium: Browser) -> None:
    first, second = sections = two_sections()
    course_id = studio.course("Ladders", sections=sections, modules=modules(first, "text", "video", "document"))
    page = opened(studio.enter(chromium, studio.creator, f"/studio/courses/{course_id}"))
    grip, target = (page.get_by_role("button", name=f"Move {name}", exact=True) for name in ("A document", "A text"))
    start, end = grip.bounding_box(), target.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 8, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, start["y"] - 20, steps=4)
    page.mouse.move(end["x"] + 8, end["y"] + 4, steps=8)

    def is_first() -> bool:
        page.mouse.move(end["x"] + 8, end["y"] + 2)
        page.mouse.move(end["x"] + 8, end["y"] + 4)
        return outline(page)[1] == "A document"

    until(is_first, page, "the drag did not move it")
    page.mouse.up()
    saved(page)
    page.get_by_role("button", name="Move A video down").click()
    expect(page.locator("#announcer")).to_have_text("A video moved to place 1 of 1 in High up.")
    page.locator(".ol-open", has_text="A text").click()
    page.get_by_role("button", name="Delete module").click()
    saved(page)
    assert [one["title"] for one in studio.draft(course_id)["modules"]] == ["A document", "A video"]
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    saved(page)
    draft = studio.draft(course_id)
    assert [(one["title"], one["section_id"]) for one in draft["modules"]] == [
        ("A document", first["id"]),
        ("A text", first["id"]),
        ("A video", second["id"]),
    ]


def test_two_authors_at_once_lose_nothing(studio: Studio, chromium: Browser) -> None:
    course_id = studio.course("Ropes", sections=[], modules=[])
    with studio.api(studio.creator) as client:
        client.put("/course-authors", json={"course_id": course_id, "emails": [studio.other]}).raise_for_status()
    page = opened(studio.enter(chromium, studio.creator, f"/studio/courses/{course_id}"))
    with studio.api(studio.other) as client:
        read = client.get("/course-draft", params={"course_id": course_id})
        theirs = read.json() | {"title": "Ropes and knots", "summary": "Theirs."}
        client.put("/update-course", json=theirs, headers={"If-Match": read.headers["etag"]}).raise_for_status()
    page.get_by_label("Title", exact=True).fill("Ropes for all")
    page.get_by_label("Category").fill("Safety")
    dialog = page.get_by_role("dialog", name="Somebody else saved this course")
    expect(dialog).to_contain_text("Ropes and knots")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Keep both").click()
    saved(page)
    draft = studio.draft(course_id)
    assert (draft["title"], draft["summary"], draft["category"]) == ("Ropes for all", "Theirs.", "Safety")
    expect(page.get_by_label("Summary")).to_have_value("Theirs.")


def test_a_lost_connection_is_said_and_made_good(studio: Studio, chromium: Browser) -> None:
    course_id = studio.course("Nets", sections=[], modules=[])
    page = opened(studio.enter(chromium, studio.creator, f"/studio/courses/{course_id}"))
    page.context.set_offline(True)
    page.get_by_label("Title", exact=True).fill("Nets and mats")
    expect(page.locator("#save-state")).to_contain_text("Not saved: there is no connection")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    until(lambda: bool(asked), page, "leaving was not asked about")
    assert asked == ["beforeunload"]
    page.context.set_offline(False)
    expect(page.locator("#save-state")).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    assert studio.draft(course_id)["title"] == "Nets and mats"
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Nets")
    saved(page)
    assert studio.draft(course_id)["title"] == "Nets"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "390"])
def test_no_page_has_a_fault_for_axe_a_side_scroll_or_an_error(
    studio: Studio, chromium: Browser, size: dict[str, int]
) -> None:
    sections = two_sections()
    course_id = studio.course("Everything", sections=sections, modules=modules(sections[1]))
    page = opened(studio.enter(chromium, studio.creator, f"/studio/courses/{course_id}", size))
    found = {"details": faults(page)}
    for name in ("On the ground", *(f"A {kind}" for kind in KINDS)):
        page.locator(".ol-open", has_text=name).click()
        expect(page.get_by_role("region", name=name, exact=True)).to_be_visible()
        found[name] = faults(page, "#panel")
    page.get_by_role("button", name="Add module").click()
    found["kinds"] = faults(page, "dialog")
    for path, heading in (("/studio", "Courses"), ("/studio/media", "Media")):
        page.goto(f"{studio.url}{path}")
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        found[path] = faults(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert {name: said for name, said in found.items() if said} == {}
    assert studio.said == []


def test_the_library_says_what_is_used_where_and_why_a_file_stays(
    studio: Studio, chromium: Browser, tmp_path: Path
) -> None:
    page = studio.enter(chromium, studio.creator, "/studio/media")
    (tmp_path / "notes.mp4").write_text("no film at all " * 50)
    page.set_input_files("#files", [make_clip(tmp_path / "knot.mp4"), tmp_path / "notes.mp4"])
    expect(page.locator("#transfers")).to_contain_text("notes.mp4: ")
    row = page.locator(".asset-row", has_text="knot.mp4")
    expect(row.get_by_text("Ready")).to_be_visible(timeout=60_000)
    studio.course(
        "Knots", sections=[], modules=[{"kind": "video", "title": "K", "media_id": row.get_attribute("data-id")}]
    )
    page.reload()
    expect(row.get_by_role("link", name="Knots")).to_be_visible()
    page.get_by_role("button", name="Delete knot.mp4").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("course")
    expect(row).to_be_visible()
    page.get_by_label("Search by name").fill("nothing like it")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


def test_who_is_no_creator_is_told_so_and_shown_a_way_out(studio: Studio, chromium: Browser) -> None:
    page = studio.enter(chromium, studio.employee, "/studio")
    expect(page.get_by_role("alert")).to_contain_text("The studio is for course creators.")
    assert faults(page) == []
    page.get_by_role("link", name="Your account").first.click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_role("link", name="Studio")).to_have_count(0)

"""Publishing, versions, what differs between two, and the preview, in Chromium."""

import asyncio
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.media import transcoding
from tests.api.media.transcode_help import make_video
from tests.e2e.studio_pages import Heard, Studio, enter, faults_at_both_widths, told
from tests.loops import apart

TEXT: dict[str, Any] = {"kind": "text", "title": "Before you climb", "body": "Check the *ladder*.\n\nThen climb."}
VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:03.500\nMind the gap.\n"


@pytest.fixture
def heard(page: Page) -> Heard:
    listening = Heard()
    page.on("console", listening)
    page.on("pageerror", lambda error: listening.said.append(str(error)))
    return listening


def path_of(draft: dict[str, Any], name: str = "") -> str:
    return f"/studio/courses/{draft['course_id']}{name and '/'}{name}"


def quiz(right: str) -> dict[str, Any]:
    labels = ("Climb fast", "Do not climb")
    choices = [{"label": label, "is_correct": label == right} for label in labels]
    return {"kind": "quiz", "title": "Are you ready?", "questions": [{"prompt": "It wobbles?", "choices": choices}]}


def next_version(studio: Studio, draft: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A new draft in which the first module is other than it was."""
    with studio.client() as api:
        found = told(api.post("/course-drafts", json={"course_id": draft["course_id"]}))
        found["modules"][0] |= changed
        tag = told_etag(api.get("/course-draft", params={"course_id": draft["course_id"]}))
        return dict(told(api.put("/update-course", json=found, headers={"If-Match": tag})))


def told_etag(answer: Any) -> str:
    assert answer.is_success, answer.text
    return str(answer.headers["ETag"])


def enroll(studio: Studio, draft: dict[str, Any]) -> None:
    with studio.client(studio.learners[0], "employee") as api:
        told(api.post("/enroll", json={"course_id": draft["course_id"]}))


def versions(studio: Studio, draft: dict[str, Any]) -> list[dict[str, Any]]:
    with studio.client() as api:
        return list(told(api.get("/course-versions", params={"course_id": draft["course_id"]}))["items"])


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=re.compile(f"^{name}")).press("Space")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).press("Enter")


@pytest.mark.parametrize(("wish", "moved"), [("They stay", None), ("They move", 1)])
def test_publishing_shows_whom_it_touches_and_learners_stay_or_move(
    page: Page, studio: Studio, heard: Heard, wish: str, moved: int | None
) -> None:
    draft = studio.course(TEXT, quiz("Do not climb"), publish=True)
    enroll(studio, draft)
    next_version(studio, draft, body="Check the ladder twice.")
    enter(page, studio, path_of(draft, "publish"))
    expect(page.get_by_role("definition").first).to_have_text("1")
    expect(page.locator(".changes")).to_contain_text("Before you climb")
    assert faults_at_both_widths(page) == []
    choose(page, "A material change")
    expect(page.get_by_text("What was done in modules that changed is to be done again.")).to_be_visible()
    choose(page, wish)
    page.get_by_label("What is new").focus()
    page.keyboard.type("Twice is safer.")
    press(page, "Publish now")
    press(page, "Publish it")
    expect(page.get_by_role("heading", name="Version 2 is published")).to_be_visible()
    newest = versions(studio, draft)[0]
    told_of = {name: newest[name] for name in ("number", "state", "notes", "is_material", "moved")}
    assert told_of == {
        "number": 2,
        "state": "published",
        "notes": "Twice is safer.",
        "is_material": True,
        "moved": moved,
    }
    assert heard.said == []


def test_what_is_missing_leads_to_its_place(page: Page, studio: Studio) -> None:
    draft = studio.course({"kind": "link", "title": "The rules"}, quiz(""))
    enter(page, studio, path_of(draft, "publish"))
    expect(page.get_by_role("button", name="Publish now")).to_have_count(0)
    assert faults_at_both_widths(page) == []
    page.get_by_role("link", name=re.compile("mark the right choice")).press("Enter")
    expect(page.get_by_role("heading", name="Are you ready?")).to_be_visible()
    expect(page.locator(".item-toggle")).to_be_focused()
    page.goto(studio.url + path_of(draft, "publish"))
    page.get_by_role("link", name=re.compile("Module 1")).press("Enter")
    page.wait_for_url(f"**{path_of(draft)}#module:*")


def test_a_version_is_scheduled_called_off_published_and_taken_out_again(page: Page, studio: Studio) -> None:
    draft = studio.course(TEXT)
    enter(page, studio, path_of(draft, "publish"))
    choose(page, "Later")
    at = datetime.now(UTC) + timedelta(days=3)
    page.get_by_label("Date and time").fill(at.strftime("%Y-%m-%dT%H:%M"))
    press(page, "Schedule")
    press(page, "Schedule it")
    expect(page.get_by_role("heading", name="Version 1 is scheduled")).to_be_visible()
    assert faults_at_both_widths(page) == []
    press(page, "Cancel the schedule")
    press(page, "Publish now")
    press(page, "Publish it")
    expect(page.get_by_role("heading", name="Version 1 is published")).to_be_visible()
    page.reload()
    press(page, "Unpublish")
    page.get_by_role("dialog").get_by_role("button", name="Unpublish").press("Enter")
    expect(page.get_by_role("heading", name="The course is out of the catalogue")).to_be_visible()
    press(page, "Undo")
    expect(page.get_by_role("heading", name="Version 1 is published")).to_be_visible()
    assert versions(studio, draft)[0]["state"] == "published"


def test_versions_are_compared_and_an_old_one_is_taken_up_again(page: Page, studio: Studio, heard: Heard) -> None:
    draft = studio.course(TEXT, quiz("Do not climb"), publish=True)
    next_version(studio, draft, body="Check the *rope*.\n\nThen climb.")
    enter(page, studio, path_of(draft, "versions"))
    expect(page.get_by_role("heading", name="Version 2")).to_be_visible()
    expect(page.locator(".version").last).to_contain_text("by Ada Author · 0 learners on it")
    assert faults_at_both_widths(page) == []
    page.get_by_role("link", name="Changes of version 2").press("Enter")
    expect(page.get_by_role("heading", name="From version 1 to version 2")).to_be_visible()
    expect(page.locator("del")).to_have_text("ladder")
    expect(page.locator("ins")).to_have_text("rope")
    assert faults_at_both_widths(page) == []
    page.goto(studio.url + path_of(draft, "versions"))
    page.get_by_role("button", name=re.compile("Restore as draft")).press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Restore it").press("Enter")
    page.wait_for_url(f"**{path_of(draft)}")
    with studio.client() as api:
        again = told(api.get("/course-draft", params={"course_id": draft["course_id"]}))
    assert again["modules"][0]["body"] == TEXT["body"]
    assert heard.said == []


def video_of(studio: Studio, folder: Path) -> str:
    """Uploaded and converted by the real code; gives the asset's id."""
    clip = make_video(folder / "clip.mp4", seconds=4)
    with studio.client() as api:
        given = api.post("/upload-video", params={"file_name": clip.name}, content=clip.read_bytes())
        asset_id = told(given)["asset_id"]
        vtt = {"asset_id": asset_id, "language": "en", "label": "English"}
        told(api.put("/media-captions", params=vtt, content=VTT, headers={"Content-Type": "text/vtt"}))

    async def convert() -> None:
        engine = make_engine(studio.settings.database_url, pool_size=2)
        await transcoding.work(Context(studio.settings, make_sessions(engine)), uuid.UUID(asset_id))
        await engine.dispose()

    apart(lambda: asyncio.run(convert()))
    return str(asset_id)


def test_the_preview_plays_a_video_with_captions_and_every_other_kind(
    page: Page, studio: Studio, heard: Heard, tmp_path: Path
) -> None:
    live = {"starts_at": "2027-01-05T09:00:00Z", "ends_at": "2027-01-05T10:00:00Z", "time_zone": "America/New_York"}
    draft = studio.course(
        {"kind": "video", "title": "The film", "media_id": video_of(studio, tmp_path)},
        TEXT,
        quiz("Do not climb"),
        {"kind": "link", "title": "The rules", "url": "https://rules.example.com/ladders"},
        {"kind": "live", "title": "Ask us", "settings": {**live, "place": "Room 3"}},
    )
    enter(page, studio, path_of(draft, "preview"))
    page.locator(".plyr__controls [data-plyr=play]").press("Enter")
    at = "document.querySelector('video').currentTime"
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while page.evaluate(at) < 0.5:
        assert datetime.now(UTC) < deadline, page.evaluate("document.querySelector('video').readyState")
    expect(page.locator(".plyr__captions")).to_contain_text("Mind the gap.")
    page.locator(".plyr__progress").hover()
    page.mouse.move(400, page.locator(".plyr__progress").bounding_box()["y"] + 5)  # type: ignore[index]
    expect(page.locator(".plyr__preview-thumb--is-shown img").first).to_be_visible()
    assert page.evaluate("document.querySelector('video').src").startswith("blob:"), "by hls.js, not the file"
    assert faults_at_both_widths(page) == []
    page.get_by_role("link", name="Next: Before you climb").press("Enter")
    expect(page.locator(".prose em")).to_have_text("ladder")
    page.get_by_role("link", name="Next: Are you ready?").press("Enter")
    page.get_by_role("radio", name="Do not climb").press("Space")
    press(page, "Submit answers")
    expect(page.locator(".quiz-outcome")).to_contain_text("100 % of the points: passed.")
    page.get_by_role("link", name="Next: The rules").press("Enter")
    expect(page.get_by_role("link", name="Open in a new tab")).to_have_attribute(
        "href", "https://rules.example.com/ladders"
    )
    page.get_by_role("link", name="Next: Ask us").press("Enter")
    expect(page.get_by_text("There (America/New_York): Tuesday, 5 January 2027")).to_be_visible()
    assert faults_at_both_widths(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to my calendar").press("Enter")
    assert "DTSTART:20270105T090000Z" in Path(download.value.path()).read_text()
    assert heard.said == []

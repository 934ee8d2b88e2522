"""The player in Chromium: what is really played counts, through a lost network and a closed page, to the end."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from api.courses.models import Module
from tests.e2e.player_help import FILM_S, School, film_module, school
from tests.e2e.studio import until
from tests.e2e.studio_pages import Heard, Studio, faults_at_both_widths

Spans = list[tuple[float, float]]
PLAYED = "v => Array.from({length: v.played.length}, (_, n) => [v.played.start(n), v.played.end(n)])"


@pytest.fixture
def heard(page: Page) -> Iterator[Heard]:
    listening = Heard()
    page.on("console", listening)
    page.on("pageerror", lambda error: listening.said.append(str(error)))
    return listening


def watched(told: School) -> Spans:
    with told.client() as api:
        body = {"course_id": told.course_id, "module_id": told.steps["video"]}
        return [(a, b) for a, b in api.post("/play-sessions", json=body).raise_for_status().json()["watched"]]


def at(page: Page) -> float:
    return float(page.locator("video").evaluate("v => v.currentTime"))


def play(page: Page, until_s: float) -> None:
    """By the keyboard, at double speed, up to this place."""
    page.locator("video").evaluate("v => { v.muted = true; v.playbackRate = 2; }")
    page.locator(".plyr__control--overlaid").press("Enter")
    until(lambda: at(page) >= until_s, page, f"the film doesn't get to {until_s}")


def are_near(these: Spans, those: Spans) -> bool:
    """Within a tick of the player, which comes every quarter of a second, at double speed."""
    pairs = list(zip(these, those, strict=False))
    return len(these) == len(those) and all(abs(a - c) < 0.6 and abs(b - d) < 0.6 for (a, b), (c, d) in pairs)


def test_what_was_played_without_a_network_is_kept_and_sent_when_it_is_back(page: Page, studio: Studio) -> None:
    told = school(studio.settings, film_module(studio.settings))
    told.enter(page, "video")
    expect(page.locator(".plyr")).to_be_visible()
    play(page, 3)
    page.locator("video").evaluate("v => { v.currentTime = 14; }")
    until(lambda: at(page) >= 16, page, "the film doesn't go on after the jump")
    until(lambda: page.locator("video").evaluate("v => v.buffered.end(v.buffered.length - 1)") > 22, page, "buffered")
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    until(lambda: at(page) >= 20, page, "the film doesn't go on from what is there")
    page.locator(".plyr__controls [data-plyr=play]").press("Enter")
    really: Spans = [(a, b) for a, b in page.locator("video").evaluate(PLAYED)]
    before = watched(told)
    assert not are_near(before, really)
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    told.enter(page, "video")
    expect(page.get_by_text("Went on at 0:2")).to_be_visible()
    page.get_by_role("button", name="From the beginning").click()
    until(lambda: at(page) < 1, page, "from the beginning")
    until(lambda: are_near(watched(told), really), page, f"{watched(told)} is not {really}")
    share = sum(b - a for a, b in watched(told)) / FILM_S
    until(lambda: told.progress("video")["percent"] == int(100 * share), page, "the percent follows")
    expect(page.locator("#offline")).to_be_hidden()


def test_network_that_comes_back_under_the_player_is_gone_on_with(page: Page, studio: Studio) -> None:
    told = school(studio.settings, film_module(studio.settings, seconds=FILM_S * 40))  # more than is loaded ahead
    told.enter(page, "video")
    play(page, 2)
    page.context.set_offline(True)
    end = "v => v.buffered.length ? v.buffered.end(v.buffered.length - 1) : 0"
    there = page.locator("video").evaluate(end)
    page.locator("video").evaluate(f"v => {{ v.currentTime = {there + 6}; }}")
    page.wait_for_timeout(1500)
    page.context.set_offline(False)
    until(lambda: at(page) > there + 8, page, "the film doesn't go on when the network is back")
    page.locator(".plyr__controls [data-plyr=play]").press("Enter")
    until(lambda: len(watched(told)) == 2, page, "both stretches")
    assert watched(told)[1][0] == pytest.approx(there + 6, abs=0.6)


def test_each_kind_of_step_to_the_end_of_the_course_by_keyboard(page: Page, studio: Studio, heard: Heard) -> None:
    told = school(studio.settings)
    told.enter(page, "text")
    page.get_by_role("button", name="I have read it").press("Enter")
    expect(page.get_by_role("link", name="Done Before you climb")).to_be_visible()
    assert faults_at_both_widths(page) == []
    for kind, title in (("video", "On the roof"), ("document", "The rules"), ("link", "The law"), ("live", "Practice")):
        page.get_by_role("link", name=f"Next: {title}").press("Enter")
        expect(page.locator("#module-title")).to_be_focused()
        page.wait_for_url(f"**/{told.steps[kind]}")
        if kind == "video":
            expect(page.locator(".plyr")).to_be_visible()
        if kind == "document":
            expect(page.get_by_text("Page 1 of 3")).to_be_visible()
            expect(page.locator(".pdf-text")).to_contain_text("Keep your hands off.")
        assert faults_at_both_widths(page) == [], kind
    page.go_back()
    page.go_back()
    for number in (2, 3):
        until(lambda n=number: told.progress("document")["percent"] >= 33 * (n - 1), page, f"page {number - 1} is read")
        page.get_by_role("button", name="Next page").press("Enter")
        expect(page.get_by_text(f"Page {number} of 3")).to_be_visible()
    until(lambda: told.progress("document")["completed_at"] is not None, page, "all pages are read")
    assert not heard.said


def test_the_end_of_the_course_is_a_moment_with_its_certificate(page: Page, studio: Studio, heard: Heard) -> None:
    told = school(studio.settings, Module(kind="text", title="Read", duration_s=60, body="Words.\n\n" * 90))
    told.enter(page, "text")
    page.get_by_role("button", name="I have read it").press("Enter")
    expect(page.get_by_role("heading", name="You have finished the course")).to_be_focused()
    assert faults_at_both_widths(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the certificate").click()
    assert download.value.suggested_filename.startswith("certificate-")
    assert not heard.said

"""Notes, comments, bookmarks and ratings in Chromium: by keyboard, on a phone, in the reader's language."""

from playwright.sync_api import Page

from tests.e2e.player_help import school
from tests.e2e.studio_pages import Studio


def test_a_note_at_a_place_is_written_found_and_brought_back(studio: Studio, page: Page) -> None:
    told = school(studio.settings)
    told.enter(page, "video")
    page.wait_for_function("document.querySelector('video')?.readyState > 1")

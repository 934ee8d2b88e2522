"""The whole way of a learner in Chromium: find, enrol, watch, lose the network, go on, quiz, certificate, verify."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from api.courses.models import Module
from api.identity.service import hash_password
from tests.api.attacks.company import writing
from tests.e2e.player_help import PASSWORD, film_module
from tests.e2e.studio import tab_to, until
from tests.e2e.studio_pages import PHONE, WIDE, Heard, Studio, faults
from tests.factories import make_course, make_person, make_quiz
from tests.loops import apart

FILM_S = 8
Do = Callable[[str], None]


@pytest.fixture(params=["wide, by keyboard", "390 px, by touch"])
def learner(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[tuple[Page, Do]]:
    """A page, and how its user gets to something by its name and sets it off."""
    is_phone = "touch" in request.param
    context = chromium.new_context(viewport=PHONE if is_phone else WIDE, has_touch=is_phone)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    page = context.new_page()

    def by_keyboard(name: str) -> None:
        tab_to(page, name)
        page.keyboard.press("Enter")

    def by_touch(name: str) -> None:
        named = [page.get_by_role(role, name=name, exact=True) for role in ("link", "button")]  # type: ignore[arg-type]
        named[0].or_(named[1]).first.tap()

    yield page, by_touch if is_phone else by_keyboard
    context.close()


def offered(studio: Studio, title: str) -> str:
    """A course with a film and a quiz that nobody has begun; the address of somebody new, who signs in."""
    film = film_module(studio.settings, FILM_S)

    async def write() -> str:
        async with writing(studio.settings) as session:
            author = await make_person(session, "Ada Author", roles=("creator",))
            newcomer = await make_person(session, "Nia Newcomer", password_hash=hash_password(PASSWORD))
            film.position = 1
            modules: list[Module] = [film, make_quiz(2)]
            await make_course(session, author, title, category="Safety", modules=modules)
        return str(newcomer.email)

    return apart(lambda: asyncio.run(write()))


def watch_and_lose_the_network(page: Page) -> None:
    """All of the film is there before the network goes; what is played without it counts once it is back."""
    video = page.locator("video")
    video.evaluate("v => { v.muted = true; v.playbackRate = 2; }")
    page.locator(".plyr__control--overlaid").press("Enter")
    until(lambda: video.evaluate(f"v => v.buffered.length && v.buffered.end(0) > {FILM_S - 1}"), page, "the film loads")
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    until(lambda: video.evaluate("v => v.ended"), page, "the film goes on without a network")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.get_by_role("link", name="Done On the roof")).to_be_visible()


def test_from_finding_a_course_to_a_certificate_that_a_stranger_verifies(
    learner: tuple[Page, Do], studio: Studio, chromium: Browser
) -> None:
    page, do = learner
    heard, hosts = Heard(), set[str]()
    page.on("console", heard)
    page.on("pageerror", lambda error: heard.said.append(str(error)))

    def note(request: Request) -> None:
        hosts.add(urlsplit(request.url).netloc)

    page.context.on("request", note)
    title = f"Harness {uuid.uuid4().hex[:6]}"
    email = offered(studio, title)

    page.goto(f"{studio.url}/")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/home")
    assert faults(page) == []
    do("Catalogue")
    page.wait_for_url("**/catalogue")
    page.locator("#q").focus()
    page.keyboard.type(title.lower())
    expect(page.locator("#count")).to_contain_text("1 course")
    assert faults(page) == []
    do(title)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    assert faults(page) == []
    do("Enrol and begin")
    expect(page.get_by_role("heading", name="On the roof")).to_be_visible()
    expect(page.locator(".plyr")).to_be_visible()
    assert faults(page) == []
    watch_and_lose_the_network(page)
    do("Next: Quiz")
    do("Begin")
    page.get_by_role("radio", name="Answer 1").press("Space")
    do("Submit answers")
    expect(page.get_by_role("heading", name="You have finished the course")).to_be_visible()
    assert faults(page) == []
    with page.expect_download() as download:
        do("Download the certificate")
    code = download.value.suggested_filename.removeprefix("certificate-").removesuffix(".pdf")

    stranger = chromium.new_context().new_page()
    stranger.goto(f"{studio.url}/verify/{code}")
    expect(stranger.get_by_role("heading", name="This certificate is genuine and valid")).to_be_visible()
    expect(stranger.get_by_text("Nia Newcomer")).to_be_visible()
    stranger.context.close()
    assert hosts == {urlsplit(studio.url).netloc}
    assert [one for one in heard.said if "ERR_INTERNET_DISCONNECTED" not in one] == []

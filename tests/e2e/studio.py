"""For the tests of the studio: people, a keyboard, axe, and what the console says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, expect

from api.core.settings import Settings
from tests.processes import token_of

PASSWORD = "correct horse battery staple"
AXE = (Path(__file__).parent / "assets" / "axe.min.js").read_text
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
FOCUSED = """() => {
  const one = document.activeElement;
  const labels = [...(one.labels || [])].map((label) => label.innerText);
  const name = one.getAttribute("aria-label") || labels.join(" ") || one.innerText || "";
  return [name, one.tagName].map((said) => said.trim());
}"""


@dataclass
class Studio:
    """The settings of what runs, and the e-mail addresses of a creator, another one, and somebody who is none."""

    settings: Settings
    creator: str
    other: str
    employee: str
    said: list[str] = field(default_factory=list)
    """Errors on the console of the pages that were opened; `enter` empties it."""

    @property
    def url(self) -> str:
        return self.settings.api_url

    def api(self, email: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token_of(self.settings, email, 'creator')}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def draft(self, course_id: str) -> dict[str, Any]:
        with self.api(self.creator) as client:
            document: dict[str, Any] = client.get("/course-draft", params={"course_id": course_id}).json()
        return document

    def course(self, title: str, *, sections: list[dict[str, Any]], modules: list[dict[str, Any]]) -> str:
        """The creator's course as the API made it."""
        with self.api(self.creator) as client:
            made = client.post("/create-course", json={"title": title, "sections": sections, "modules": modules})
            assert made.status_code == 201, made.text
            return str(made.json()["course_id"])

    def page(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def enter(self, chromium: Browser, email: str, path: str, size: dict[str, int] = WIDE) -> Page:
        """Signed in, at this page, in a browser of their own."""
        self.said.clear()
        page = self.page(chromium.new_context(viewport={"width": size["width"], "height": size["height"]}))
        page.goto(f"{self.url}{path}")
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.click("button")
        page.wait_for_url(f"**{path}")
        return page


def saved(page: Page) -> None:
    """Until the server has all that the page shows."""
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")


def opened(page: Page) -> Page:
    """The editor, once the course is there."""
    expect(page.locator("#editor")).to_be_visible()
    return page


def faults(page: Page, part: str = "html") -> list[str]:
    """What axe-core finds in this part of the page, with the first place of each."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE())
    found = page.evaluate("part => axe.run(part, {resultTypes: ['violations']})", part)["violations"]
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]


def tab_to(page: Page, name: str, tag: str = "", *, most: int = 120) -> None:
    """Onward with the Tab key to what a screen reader would call so."""
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        label, kind = page.evaluate(FOCUSED)
        seen.append(label)
        if label.split("\n")[0] == name and tag in ("", kind):
            return
    raise AssertionError(f"no way by Tab to {name!r}, only to {seen}")


def press(page: Page, key: str, *, leads_to: str) -> None:
    """A key that opens something, and the wait until what has the focus is called so: no person types in between."""
    page.keyboard.press(key)
    until(lambda: page.evaluate(FOCUSED)[0].split("\n")[0] == leads_to, page, f"{key} doesn't lead to {leads_to!r}")


def until(check: Callable[[], bool], page: Page, what: str) -> None:
    """The page's own clock, so that its work goes on meanwhile."""
    for _ in range(300):
        if check():
            return
        page.wait_for_timeout(100)
    raise AssertionError(what)

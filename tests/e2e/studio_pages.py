"""The studio with an author and a learner in an empty company: one API for all tests of the studio's pages."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import ConsoleMessage, Page
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.service import hash_password
from tests.factories import make_person
from tests.loops import apart
from tests.processes import serving, token_of

PASSWORD = "correct horse battery staple"
AXE = Path(__file__).parent / "assets" / "axe.min.js"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@dataclass(frozen=True)
class Studio:
    settings: Settings
    author: str
    learners: list[str]

    @property
    def url(self) -> str:
        return self.settings.api_url

    def client(self, email: str | None = None, *roles: str) -> httpx.Client:
        token = token_of(self.settings, email or self.author, *(roles or ("creator",)))
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def course(
        self, *modules: dict[str, Any], title: str = "Working at height", publish: bool = False
    ) -> dict[str, Any]:
        """A course of the author's by the API, as its draft reads."""
        with self.client() as api:
            given = {
                "id": str(uuid.uuid4()),
                "title": title,
                "summary": "Ladders, harnesses and when to say no.",
                "category": "Safety",
                "difficulty": "beginner",
                "modules": list(modules),
            }
            told(api.post("/create-course", json=given))
            if publish:
                told(api.post("/publish-course", json={"course_id": given["id"], "learners": "stay"}))
            return told(api.get("/course-draft", params={"course_id": given["id"]}))


def told(answer: httpx.Response) -> Any:
    """What was answered; a problem is shown whole."""
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


@contextmanager
def studio_running(settings: Settings) -> Iterator[Studio]:
    async def people() -> list[str]:
        engine = make_engine(settings.database_url, pool_size=1)
        async with AsyncSession(engine, expire_on_commit=False) as session:
            secret = hash_password(PASSWORD)
            author = await make_person(session, "Ada Author", roles=("creator",), password_hash=secret)
            learners = [await make_person(session, f"Learner {name}", password_hash=secret) for name in ("One", "Two")]
            await session.commit()
            emails = [str(person.email) for person in (author, *learners)]
        await engine.dispose()
        return emails

    author, *learners = apart(lambda: asyncio.run(people()))
    with serving(settings):
        yield Studio(settings, author, learners)


def enter(page: Page, studio: Studio, path: str) -> None:
    """The page, signed in as the author where that is still to be done."""
    page.goto(studio.url + path)
    if page.locator("#password").count():
        page.fill("#email", studio.author)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{path.split('#', maxsplit=1)[0]}*")


@dataclass
class Heard:
    """What a page's console said: errors, and violations of the content policy."""

    said: list[str] = field(default_factory=list)

    def __call__(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Policy" in message.text:
            self.said.append(message.text)


def faults(page: Page) -> list[str]:
    """What axe-core finds on the page as it is, and whether the page is wider than the screen."""
    page.evaluate(f"{AXE.read_text()}; 0")
    found = page.evaluate("axe.run().then(told => told.violations.map(v => `${v.id}: ${v.nodes[0].target}`))")
    is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, *(["wider than the screen"] if is_wide else [])]


def faults_at_both_widths(page: Page) -> list[str]:
    seen = []
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        seen += [f"{size['width']}: {fault}" for fault in faults(page)]
    return seen

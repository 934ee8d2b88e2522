"""A course with a step of each kind that the player plays, a learner in it, and a film in pieces made for it."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import typst
from playwright.sync_api import Page
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.courses.models import Module
from api.identity.service import hash_password
from api.learning.service import enroll
from api.media.bundles import store_bundle
from api.media.models import MediaAsset
from api.media.service import store
from tests.api.attacks.company import writing
from tests.api.media.files import ffmpeg
from tests.factories import make_course, make_person, modules_of
from tests.loops import apart
from tests.processes import token_of

PASSWORD = "correct horse battery staple"
FILM_S = 24
VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:20.000\nMind the gap.\n"
PAPER = '#set document(title: "Rules")\n#for n in range(1, 4) [= Page #n\n Keep your hands off. #pagebreak(weak: true)]'


@dataclass
class School:
    settings: Settings
    email: str = ""
    course_id: str = ""
    steps: dict[str, str] = field(default_factory=dict)
    """The module of each kind."""

    def page(self, kind: str) -> str:
        return f"{self.settings.api_url}/learn/{self.course_id}/{self.steps[kind]}"

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token_of(self.settings, self.email)}"}
        return httpx.Client(base_url=self.settings.api_url, headers=headers, timeout=30)

    def progress(self, kind: str) -> dict[str, Any]:
        with self.client() as api:
            (item,) = api.get("/progress", params={"course_id": self.course_id}).json()["items"]
        found = [one for one in item["modules"] if one["module_id"] == self.steps[kind]]
        return dict(found[0]) if found else {"percent": 0, "position_s": None, "completed_at": None}

    def enter(self, page: Page, kind: str) -> None:
        """At the step of this kind, signed in where that is still to be done."""
        page.goto(self.page(kind))
        if page.locator("#password").count():
            page.fill("#email", self.email)
            page.fill("#password", PASSWORD)
            page.keyboard.press("Enter")
        page.wait_for_url(f"**/{self.steps[kind]}")
        page.locator("#module-title").wait_for()


def film(folder: Path, seconds: int = FILM_S) -> None:
    """In pieces of two seconds, with captions."""
    picture = ["-f", "lavfi", "-i", f"testsrc=size=320x180:rate=10:duration={seconds}"]
    pieces = ["-g", "20", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    made = ["-hls_segment_filename", f"{folder}/part%d.m4s", "-master_pl_name", "master.m3u8", f"{folder}/low.m3u8"]
    sound = ["-f", "lavfi", "-i", f"sine=duration={seconds}"]
    ffmpeg(*picture, *sound, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", *pieces, *made)
    (folder / "en.vtt").write_text(VTT)


async def _film(session: AsyncSession, settings: Settings, folder: Path, seconds: int = FILM_S) -> MediaAsset:
    film(folder, seconds)
    captions = [{"language": "en", "label": "English", "path": "en.vtt"}]
    asset = MediaAsset(
        kind="video",
        file_name="film.mp4",
        content_type="video/mp4",
        size_bytes=1,
        status="ready",
        duration_s=seconds,
        bundle=await store_bundle(session, settings, folder),
        detail={"hls": "master.m3u8", "captions": captions},
    )
    session.add(asset)
    await session.flush()
    return asset


async def _paper(session: AsyncSession, settings: Settings, folder: Path) -> MediaAsset:
    path = folder / "rules.pdf"
    path.write_bytes(typst.compile(PAPER.encode()))
    asset = await store(session, settings, path=path, content_type="application/pdf")
    asset.detail = {"pages": 3}
    return asset


async def _open(settings: Settings, given: list[Module]) -> School:
    school = School(settings)
    async with writing(settings) as session:
        author = await make_person(session, "Ada Author", roles=("creator",))
        learner = await make_person(session, "Lea Learner", password_hash=hash_password(PASSWORD))
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            video = await _film(session, settings, Path(first))
            paper = await _paper(session, settings, Path(second))
        starts = (datetime.now(UTC) + timedelta(days=3)).isoformat()
        modules = given or [
            Module(kind="text", title="Before you climb", duration_s=120, body="# Check\n\nCheck the *ladder*. " * 9),
            Module(kind="video", title="On the roof", duration_s=FILM_S, media_id=video.id, body="Watch **closely**."),
            Module(kind="document", title="The rules", duration_s=60, media_id=paper.id),
            Module(kind="link", title="The law", duration_s=60, url="https://example.com/law"),
            Module(
                kind="live",
                title="Practice",
                duration_s=3600,
                settings={"starts_at": starts, "time_zone": "Europe/Berlin", "place": "Room 1"},
            ),
        ]
        for position, module in enumerate(modules, 1):
            module.position = position
        course = await make_course(session, author, "Working at height", category="Safety", modules=modules)
        await enroll(session, person_id=learner.id, course_id=course.id)
        assert learner.email
        school.email, school.course_id = learner.email, str(course.id)
        school.steps = {one.kind: str(one.id) for one in await modules_of(session, course)}
    return school


def film_module(settings: Settings, seconds: int = FILM_S) -> Module:
    """A step with a film of its own."""

    async def make() -> Module:
        async with writing(settings) as session:
            with tempfile.TemporaryDirectory() as folder:
                video = await _film(session, settings, Path(folder), seconds)
            return Module(kind="video", title="On the roof", duration_s=seconds, media_id=video.id)

    return apart(lambda: asyncio.run(make()))


def school(settings: Settings, *modules: Module) -> School:
    """A course of these steps, or of one of each kind; each call has a learner of its own."""
    return apart(lambda: asyncio.run(_open(settings, list(modules))))


__all__ = ["FILM_S", "School", "film_module", "school"]

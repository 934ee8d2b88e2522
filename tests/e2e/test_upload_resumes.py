"""A large file from a real browser: paused, its server killed and started again, its page loaded anew."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import ROOT, Settings
from api.identity.service import hash_password
from tests.api.media.files import make_clip
from tests.e2e.studio import PASSWORD, Studio, until
from tests.factories import make_person
from tests.loops import apart
from tests.processes import UVICORN, _await, environment, free_port

MB = 1_000_000
START = """([kind]) => import("/static/studio/upload.js").then(({ startUpload }) => {
  const file = document.querySelector("#chosen").files[0];
  const seen = (window.seen = { states: [], sent: 0, done: null, error: null });
  window.upload = startUpload({
    file,
    kind,
    onProgress: ({ sent }) => { seen.sent = sent; },
    onState: (state) => { if (seen.states.at(-1) !== state) seen.states.push(state); },
    onDone: ({ assetId }) => { seen.done = assetId; },
    onError: (error) => { seen.error = error; },
  });
})"""
FIELD = """() => {
  document.body.replaceChildren(Object.assign(document.createElement("input"), { type: "file", id: "chosen" }));
}"""


@contextmanager
def api(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Killed at the end, as a server is that loses its power."""
    command = [sys.executable, "-m", *UVICORN, "--port", str(settings.api_port), "api.app:create_app"]
    log = settings.home / "api.log"
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=out, stderr=out)
    try:
        _await(f"{settings.api_url}/health/ready", process, log)
        yield process
    finally:
        process.kill()
        process.wait(15)


@pytest.fixture(scope="module")
def studio(settings: Settings) -> Studio:
    ours = settings.model_copy(update={"api_port": free_port()})

    async def fill() -> str:
        engine = make_engine(ours.database_url, pool_size=1)
        async with AsyncSession(engine) as session, session.begin():
            person = await make_person(session, "Uma Upload", roles=("creator",), password_hash=hash_password(PASSWORD))
            told = str(person.email)
        await engine.dispose()
        return told

    email = apart(lambda: asyncio.run(fill()))
    return Studio(ours, email, email, email)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real clip with 14 MB of what players skip."""
    path = make_clip(tmp_path_factory.mktemp("film") / "ladders.mp4")
    padding = random.Random(1).randbytes(14 * MB)
    with path.open("ab") as file:
        file.write((len(padding) + 8).to_bytes(4, "big") + b"free" + padding)
    return path


def seen(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("() => window.seen")
    return found


def begin(page: Page, film: Path) -> None:
    page.evaluate(FIELD)
    page.set_input_files("#chosen", film)
    page.evaluate(START, ["video"])


def test_an_upload_survives_a_pause_a_killed_server_and_a_reload_and_a_refusal_says_why(
    studio: Studio, chromium: Browser, film: Path, tmp_path: Path
) -> None:
    pieces: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            pieces.append(int(request.headers["upload-offset"]))

    with api(studio.settings):
        page = studio.enter(chromium, studio.creator, "/account")
        page.on("request", note)
        slow = page.context.new_cdp_session(page)
        slow.send("Network.enable")
        speed = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4 * MB}
        slow.send("Network.emulateNetworkConditions", speed)
        begin(page, film)
        until(lambda: seen(page)["sent"] > 2 * MB, page, "it did not go on")
        page.evaluate("() => window.upload.pause()")
        assert seen(page)["states"] == ["uploading", "paused"]
        page.evaluate("() => window.upload.resume()")
        until(lambda: len(pieces) == 2 and seen(page)["sent"] > 5 * MB, page, "it did not go on")
    until(lambda: seen(page)["states"][-1] == "waiting", page, "it did not go on")
    with api(studio.settings):
        until(lambda: len(pieces) >= 3 and seen(page)["sent"] > 8 * MB, page, "it did not go on")
        page.reload()
        begin(page, film)
        until(lambda: seen(page)["done"] or seen(page)["error"], page, "it did not go on")
        assert seen(page)["error"] is None
        assert len(pieces) == 4
        assert pieces[0] == 0
        assert pieces == sorted(set(pieces)), "each piece went on where the one before had stopped"
        with studio.api(studio.creator) as client:
            asset = client.get(f"/media-assets/{seen(page)['done']}").json()
            assert client.get(asset["links"]["url"]).content == film.read_bytes()
        text = film.with_name("text.mp4")
        text.write_text("I am a film.\n" * 100)
        begin(page, text)
        until(lambda: seen(page)["error"], page, "it was not refused")
        assert seen(page)["error"]["detail"].startswith("This is text, whatever its name says")
        page.context.close()

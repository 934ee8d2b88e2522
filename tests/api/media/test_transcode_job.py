"""The conversion as a job of a real worker: told, cancelled, tried again, cut off, poisoned."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import ROOT, Settings
from api.media.models import MediaAsset
from api.media.transcode import Failed, Progress, transcode
from api.media.transcoding import begin
from tests.api.media.transcode_help import ffmpeg, keep_video, make_video
from tests.factories import make_person
from tests.processes import environment

Headers = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_video(tmp_path_factory.mktemp("videos") / "short.mp4", size="320x240", rate="10", seconds=2)


@pytest.fixture(scope="module")
def long(short: Path) -> Path:
    """Two minutes of a larger picture: nobody waits for its end."""
    path, part = short.with_name("long.mp4"), short.with_name("part.mp4")
    make_video(part, size="640x360", seconds=1)
    ffmpeg("-stream_loop", "119", "-i", str(part), "-c", "copy", str(path))
    return path


@contextmanager
def working(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    with (settings.home / "worker.log").open("ab") as out:
        command = [sys.executable, "-m", "api.worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


class Studio:
    """A creator who asks the API about one video."""

    def __init__(self, api: httpx.AsyncClient, headers: dict[str, str], asset: MediaAsset) -> None:
        self.api, self.headers, self.id = api, headers, str(asset.id)

    async def asset(self) -> dict[str, Any]:
        answer = await self.api.get(f"/media-assets/{self.id}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def post(self, path: str) -> httpx.Response:
        return await self.api.post(path, headers=self.headers, json={"asset_id": self.id})

    async def until(self, test: Callable[[dict[str, Any]], object], *, within_s: float = 60) -> dict[str, Any]:
        deadline = time.monotonic() + within_s
        while not test(told := await self.asset()):
            assert time.monotonic() < deadline, told
            await asyncio.sleep(0.05)
        return told


@pytest.fixture
def quick(settings: Settings) -> Settings:
    return settings.model_copy(update={"worker_stalled_s": 5, "transcode_nice": 7})


@pytest.fixture
async def give(
    api: httpx.AsyncClient, committed: AsyncSession, settings: Settings, token_for: Headers
) -> Callable[[Path], Any]:
    """Gives a video as an upload does at its end."""
    person = await make_person(committed)

    async def run(path: Path) -> Studio:
        asset = await keep_video(committed, settings, path, owner_id=person.id)
        await begin(committed, settings, asset, path)
        await committed.commit()
        return Studio(api, token_for(person.id, "employee", "creator"), asset)

    return run


def converters(settings: Settings) -> list[psutil.Process]:
    """ffmpeg at work for this home."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if str(settings.home) in line and "-filter_complex" in line and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def left_over(settings: Settings) -> list[Path]:
    return list(settings.workplaces_dir.iterdir()) if settings.workplaces_dir.is_dir() else []


@pytest.fixture
def poisoned(short: Path) -> Path:
    """Its list of what is where is whole, the rest is noise."""
    content, path = bytearray(short.read_bytes()), short.with_name("poisoned.mp4")
    start = content.index(b"mdat") + 4
    content[start : start + 20_000] = os.urandom(20_000)
    path.write_bytes(content)
    return path


async def test_a_video_is_ready_cancelled_and_tried_again_and_a_poisoned_one_fails_in_words(
    quick: Settings, give: Callable[[Path], Any], short: Path, long: Path, poisoned: Path
) -> None:
    with working(quick):
        video = await give(poisoned)
        failed = await video.until(lambda told: told["status"] == "failed")
        assert failed["failure"].startswith(("The video can't be", "Only "))
        assert left_over(quick) == []

        video = await give(short)
        ready = await video.until(lambda told: told["status"] != "processing")
        assert (ready["status"], ready["progress_percent"], ready["eta_s"]) == ("ready", 100, None)
        assert ready["duration_s"] == pytest.approx(2, abs=0.1)
        assert ready["detail"]["renditions"] == [{"name": "240", "width": 320, "height": 240}]
        master = await video.api.get(ready["links"]["hls"].removeprefix("http://127.0.0.1:8000"))
        assert "240/index.m3u8" in master.text
        poster = await video.api.get(ready["links"]["poster"].removeprefix("http://127.0.0.1:8000"))
        assert poster.headers["content-type"] == "image/jpeg"
        assert (await video.post("/retry-transcode")).status_code == 409
        assert (await video.post("/cancel-transcode")).status_code == 409

        video = await give(long)
        running = await video.until(lambda told: told["progress_percent"] > 0 and told["eta_s"])
        assert running["eta_s"] > 0
        assert all(process.nice() >= 7 for process in converters(quick))
        assert (await video.post("/cancel-transcode")).json()["status"] == "cancelled"
        asked = time.monotonic()
        while converters(quick) or left_over(quick):
            assert time.monotonic() - asked < 2, "ffmpeg goes on"
            await asyncio.sleep(0.05)
        assert (await video.post("/cancel-transcode")).status_code == 200, "again changes nothing"
        assert (await video.post("/retry-transcode")).json()["status"] == "processing"
        assert (await video.post("/retry-transcode")).status_code == 200
        await video.until(lambda told: told["progress_percent"] > 0)
        assert (await video.post("/cancel-transcode")).status_code == 200


async def test_a_killed_workers_video_is_taken_up_by_the_next_one(
    quick: Settings, give: Callable[[Path], Any], committed: AsyncSession, tmp_path: Path, short: Path
) -> None:
    path = tmp_path / "middling.mp4"
    ffmpeg("-stream_loop", "9", "-i", str(short), "-c", "copy", str(path))
    with working(quick) as process:
        video = await give(path)
        await video.until(lambda _: converters(quick))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    deadline = time.monotonic() + 2
    while converters(quick):
        assert time.monotonic() < deadline, "ffmpeg outlives its worker"
    assert left_over(quick), "what it was making"
    with working(quick):
        ready = await video.until(lambda told: told["status"] == "ready")
    assert ready["duration_s"] == pytest.approx(20, abs=0.5)
    bundles = {path.parent.name for path in (quick.home / "objects" / "bundles").rglob("master.m3u8")}
    asset = await committed.get(MediaAsset, uuid.UUID(video.id), populate_existing=True)
    assert asset
    assert asset.bundle in bundles
    assert len(bundles) == 2, "one of the first test, one of this, none of the killed run"
    assert left_over(quick) == []


HANGING = """#!/bin/sh
case "$*" in *ebur128*) exit 1;; esac
while true; do echo out_time_us=500000; echo progress=continue; sleep 0.2; done
"""


@pytest.mark.parametrize(
    ("script", "stall_s", "why"),
    [(HANGING, 2, "stood still at 25 %"), ("#!/bin/sh\nkill -SEGV $$\n", 60, "make the converter crash")],
    ids=["hangs", "crashes"],
)
async def test_a_converter_that_hangs_or_crashes_is_a_failure_in_words(
    tmp_path: Path, short: Path, monkeypatch: pytest.MonkeyPatch, script: str, stall_s: float, why: str
) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text(script)
    fake.chmod(0o755)
    monkeypatch.setattr("api.media.transcode.find_ffmpeg", lambda: (str(fake), ""))
    folder = tmp_path / "out"
    folder.mkdir()
    seen: list[int] = []

    async def report(progress: Progress) -> None:
        seen.append(progress.percent)

    with pytest.raises(Failed, match=why):
        await transcode(Settings(home=tmp_path, transcode_stall_s=stall_s), short, folder, report)

"""A video becomes what players play: the run, watched from outside. What is made is decided in transcode_plan."""

import asyncio
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import structlog

from api.core.settings import Settings
from api.media.ffmpeg import find_ffmpeg
from api.media.footage import Probed, Unreadable, probe
from api.media.programs import Ended, Limits, run
from api.media.transcode_plan import (
    Loudness,
    Plan,
    Source,
    make_plan,
    master_playlist,
    measuring,
    playlist_duration_s,
    thumbnails_vtt,
    tiling,
    transcoding,
)

log = structlog.get_logger()

LONGEST_S = 4 * 3600
LONGEST_RUN_S = 24 * 3600
MEASURED = {
    "i": r"I:\s+(\S+) LUFS",
    "lra": r"LRA:\s+(\S+) LU",
    "peak": r"Peak:\s+(\S+) dBFS",
    "threshold": r"Threshold:\s+(\S+) LUFS",
}
CPU_PER_SECOND = 60
"""CPU seconds that a second of video may cost, ten times of what a 4K source needs; far fewer than a bomb wants."""

WHOLE = 0.9
"""Of the length that the file tells: with less it was cut off, and is refused rather than shown half."""

AGAIN = "Export it again, as MP4 (H.264), and upload it again."


class Failed(Exception):
    """What is wrong with the file and what to do, for its owner. Doing it again would fail again."""


class Cancelled(Exception):
    """Nobody wants it any more."""


@dataclass(slots=True)
class Progress:
    """Of the run now: `done_s` of the video are converted; `moved` is when it last went on."""

    duration_s: float = 0
    done_s: float = 0
    began: float = field(default_factory=time.monotonic)
    moved: float = field(default_factory=time.monotonic)

    def start(self, duration_s: float) -> None:
        """Of the conversion itself."""
        self.duration_s, self.done_s, self.began = duration_s, 0, time.monotonic()

    def hear(self, line: str) -> None:
        """A line of ffmpeg's `-progress`, which it says also while it stands still."""
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.isdigit() and (done := int(value) / 1e6) > self.done_s:
            self.done_s, self.moved = done, time.monotonic()

    @property
    def percent(self) -> int:
        """99 at most: the last is for storing the files."""
        return min(99, int(100 * self.done_s / self.duration_s)) if self.duration_s else 0

    @property
    def eta_s(self) -> int | None:
        """None until it can be told."""
        if self.done_s < 0.5 or not self.duration_s:
            return None
        left = max(0.0, self.duration_s - self.done_s)
        return round(left * (time.monotonic() - self.began) / self.done_s)


Report = Callable[[Progress], Awaitable[None]]
"""Called once a second; raises Cancelled to end the run."""


async def transcode(settings: Settings, source: Path, folder: Path, report: Report) -> dict[str, Any]:
    """Makes all files in `folder`; gives what the asset says of them. Failed, Cancelled.

    Reported once a second from the start, and ended when it is cancelled or stands still.
    """
    progress = Progress()
    running = asyncio.create_task(_steps(settings, source, folder, progress))
    try:
        while not running.done():
            await asyncio.wait([running], timeout=1)
            if not running.done():
                await report(progress)
                if time.monotonic() - progress.moved > settings.transcode_stall_s:
                    stuck = f"Converting stood still at {progress.percent} %: a part of the file can't be read."
                    raise Failed(f"{stuck} {AGAIN}")
        return running.result()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _steps(settings: Settings, source: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    probed = await _probe(source)
    plan = make_plan(_source(probed))
    loudness = await _measure(settings, source, probed, progress) if probed.audio_streams else None
    for name in ("thumbs", "sprites"):
        (folder / name).mkdir()
    progress.start(probed.duration_s)
    threads = settings.transcode_threads or os.cpu_count() or 1
    command = transcoding(find_ffmpeg()[0], source, folder, plan, loudness, threads)
    limits = Limits(cpu_s=120 + int(CPU_PER_SECOND * probed.duration_s), nice=settings.transcode_nice)
    for step in (command, tiling(find_ffmpeg()[0], folder, plan)):
        ended = await run(step, limits, timeout_s=LONGEST_RUN_S, told=progress.hear)
        if ended.code:
            raise _failure(ended, progress)
    return await asyncio.to_thread(_finish, folder, plan)


async def _probe(source: Path) -> Probed:
    try:
        probed = await probe(source)
    except Unreadable as error:
        raise Failed(f"The video can't be read: {error}. {AGAIN}") from None
    if not 0 < probed.duration_s <= LONGEST_S:
        raise Failed(f"The file says no length, or one above {LONGEST_S // 3600} hours: split it, or export it again.")
    return probed


def _source(probed: Probed) -> Source:
    rate = Fraction(*probed.frame_rate)
    return Source(probed.width, probed.height, probed.duration_s, rate, probed.audio_streams > 0, probed.is_hdr)


async def _measure(settings: Settings, source: Path, probed: Probed, progress: Progress) -> Loudness | None:
    """None where the sound can't be measured; the picture is worth something without."""
    limits = Limits(cpu_s=60 + int(probed.duration_s), nice=settings.transcode_nice)
    command = measuring(find_ffmpeg()[0], source)
    ended = await run(command, limits, timeout_s=LONGEST_RUN_S, told=progress.hear)
    said = "\n".join(ended.complaints).rpartition("Summary:")[2]
    found = {name: re.search(pattern, said) for name, pattern in MEASURED.items()}
    if ended.code or not all(found.values()):
        return None
    return Loudness(**{name: float(match[1]) for name, match in found.items() if match})


def _failure(ended: Ended, progress: Progress) -> Exception:
    """For the owner in a sentence, for us in the log."""
    said = ended.complaints[-1] if ended.complaints else f"ended with {ended.code}"
    log.warning("ffmpeg failed", code=ended.code, complaints=ended.complaints)
    if any("No space left" in line for line in ended.complaints):
        return Failed("The server's disk is full: tell whoever runs Praxis, then try again.")
    if ended.code < 0:
        said = "its contents make the converter crash, or take more time or memory than any video needs"
    return Failed(f"The video can't be converted beyond {progress.percent} %: {said}. {AGAIN}")


def _finish(folder: Path, plan: Plan) -> dict[str, Any]:
    """Writes the texts beside the videos and looks whether all is there."""
    top, source = plan.renditions[0], plan.source
    duration = playlist_duration_s((folder / top.name / "index.m3u8").read_text(encoding="utf-8"))
    if duration < WHOLE * source.duration_s - 1:
        told = f"Only {duration:.0f} of {source.duration_s:.0f} s of the video can be read"
        raise Failed(f"{told}: the file is damaged or incomplete. {AGAIN}")
    shutil.rmtree(folder / "thumbs")
    master = folder / "master.m3u8"
    master.write_text(master_playlist(master.read_text(encoding="utf-8"), plan), encoding="utf-8")
    (folder / "sprites.vtt").write_text(thumbnails_vtt(plan), encoding="utf-8")
    return {
        "width": top.width,
        "height": top.height,
        "source_width": source.width,
        "source_height": source.height,
        "frame_rate": round(float(source.frame_rate), 3),
        "has_audio": source.has_audio,
        "duration_s": round(duration, 3),
        "hls": "master.m3u8",
        "poster": "poster.jpg",
        "sprites": "sprites.vtt",
        "renditions": [{"name": one.name, "width": one.width, "height": one.height} for one in plan.renditions],
    }

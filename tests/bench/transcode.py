"""What transcoding costs: a 60 s 1080p video against bare ffmpeg, and learners' waiting meanwhile against idle.

python -m tests.bench.transcode [--quick]
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import psycopg2
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import ROOT, Settings
from api.courses.models import Module
from api.identity.tokens import operator_token
from api.media.ffmpeg import find_ffmpeg
from api.media.footage import look_at
from api.media.transcode_plan import Loudness, Source, make_plan, transcoding
from api.media.transcoding import begin
from tests.api.media.transcode_help import X264, keep_video, make_video
from tests.bench.load import Load, Request, get, post, run
from tests.bench.place import install, line, machine, served
from tests.factories import make_course, make_enrollment, make_person, modules_of
from tests.processes import environment

LEARNERS, EVERY_S = 8, 0.1
NOISE = ("-vf", "noise=alls=12:allf=t", "-b:v", "8M")
"""Bars alone would be too easy."""


async def _give(settings: Settings, path: Path) -> uuid.UUID:
    engine = make_engine(settings.database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        asset = await keep_video(session, settings, path)
        await begin(session, settings, asset, path)
    await engine.dispose()
    return asset.id


def _tell(settings: Settings, statement: str, asset_id: uuid.UUID) -> tuple[str, int]:
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(f"{statement} returning status, progress_percent", (str(asset_id),))
        status, percent = cursor.fetchall()[0]
    return status, percent


def _await(settings: Settings, asset_id: uuid.UUID, *statuses: str, percent: int = 0) -> None:
    unchanged = "update media_asset set status = status where id = %s"
    while True:
        status, done = _tell(settings, unchanged, asset_id)
        if status in statuses and done >= percent:
            return
        if status == "failed":
            raise RuntimeError("transcoding failed")
        time.sleep(0.1)


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "api.worker"], cwd=ROOT, env=environment(settings))
    time.sleep(3)
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


def _bare(path: Path, nice: int) -> float:
    """Seconds of ffmpeg alone, with the same arguments and priority."""
    probed = look_at(str(path))
    plan = make_plan(Source(probed.width, probed.height, probed.duration_s, Fraction(*probed.frame_rate), True))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "thumbs").mkdir()
        loudness = Loudness(i=-20, lra=3, peak=-10, threshold=-30)
        command = transcoding(find_ffmpeg()[0], path, Path(folder), plan, loudness, os.cpu_count() or 1)
        began = time.perf_counter()
        subprocess.run(["nice", "-n", str(nice), *command], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began


def speed(settings: Settings, path: Path, seconds: float, rounds: int) -> None:
    """Enqueued to ready, in turns with bare ffmpeg."""
    bare, ours = [], []
    for number in range(rounds):
        other = path.with_name(f"{number}.mp4")  # another content each time, or it would be stored already
        other.write_bytes(path.read_bytes() + os.urandom(16))
        bare.append(_bare(path, settings.transcode_nice))
        began = time.perf_counter()
        _await(settings, asyncio.run(_give(settings, other)), "ready")
        ours.append(time.perf_counter() - began)
    least, took = statistics.median(bare), statistics.median(ours)
    figure = f"{took:.1f} s, {seconds / took:.2f} x real time"
    limit = f"bare ffmpeg {least:.1f} s; at least 0.90"
    line(f"{seconds:.0f} s of 1080p, enqueued to ready", figure, limit, least / took)


async def _learners(settings: Settings) -> list[Request]:
    """Each asks for the course's content, then tells how far they are, in turns."""
    engine = make_engine(settings.database_url, pool_size=1)
    requests: list[Request] = []
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        modules = [Module(position=n, kind="text", title="Read", duration_s=60, body="Read.") for n in (1, 2, 3)]
        course = await make_course(session, await make_person(session, "Owner"), "Measured", modules=modules)
        module = (await modules_of(session, course))[0]
        for number in range(LEARNERS):
            person = await make_person(session, f"Learner {number}")
            await make_enrollment(session, person, course)
            requests.append(
                _requests(operator_token(settings, person.id, ("employee",)), str(course.id), str(module.id))
            )
    await engine.dispose()
    return requests


def _requests(token: str, course_id: str, module_id: str) -> Request:
    content = get(f"/course-content?course_id={course_id}", token)
    ids = {"course_id": course_id, "module_id": module_id}
    return lambda n: (
        content if n % 2 else post("/progress", token, {**ids, "percent": min(n // 20, 99), "position_s": n})
    )


def waiting(settings: Settings, port: int, path: Path, seconds: float, rounds: int) -> None:
    learners = asyncio.run(_learners(settings))
    run(port, learners, 2, every_s=EVERY_S)
    found: dict[str, list[Load]] = {"idle": [], "busy": []}
    for _ in range(rounds):
        found["idle"].append(run(port, learners, seconds, every_s=EVERY_S))
        asset_id = asyncio.run(_give(settings, path))
        _await(settings, asset_id, "processing", percent=1)
        found["busy"].append(run(port, learners, seconds, every_s=EVERY_S))
        _tell(settings, "update media_asset set status = 'cancelled' where id = %s", asset_id)
        path.write_bytes(path.read_bytes() + os.urandom(16))
        time.sleep(2)
    p50, p99 = (
        {kind: statistics.median(getattr(load, name) for load in loads) for kind, loads in found.items()}
        for name in ("p50_ms", "p99_ms")
    )
    name = f"{LEARNERS} learners, {LEARNERS / EVERY_S:.0f} requests/s"
    figure = f"p50 {p50['busy']:.1f}  p99 {p99['busy']:.1f} ms"
    line(
        f"{name}, transcoding",
        figure,
        f"idle p50 {p50['idle']:.1f}  p99 {p99['idle']:.1f}; at most 2",
        p99["busy"] / p99["idle"],
    )


def main() -> None:
    quick = "--quick" in sys.argv
    seconds = 10 if quick else 60
    machine()
    with install() as settings, _worker(settings):
        path = make_video(settings.home / "clip.mp4", *NOISE, *X264, size="1920x1080", seconds=seconds)
        speed(settings, path, seconds, rounds=1 if quick else 2)
        long = make_video(settings.home / "long.mp4", *NOISE, *X264, size="1920x1080", seconds=2 * seconds)
        with served(settings, settings.api_port, "/health/ready", "--factory", "api.app:create_app") as port:
            waiting(settings, port, long, seconds=5 if quick else 20, rounds=1 if quick else 3)


if __name__ == "__main__":
    main()

"""Uploads: MB/s by tus and by one body, against a plain copy with SHA-256 in the same run, and the server's memory.

python -m tests.bench.uploads [--quick] [--gb N]     a video of N GB (3; quick: 0.3), in constant memory or not
"""

import asyncio
import hashlib
import os
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.tokens import operator_token
from tests.api.media.files import make_clip
from tests.bench.place import install, line, machine, served
from tests.factories import make_person

MB = 1_000_000
PIECE = 64 * 1024 * 1024
BLOCK = 1024 * 1024


def make_film(folder: Path, size: int) -> Path:
    """A real clip, and after it as much of what players skip; no two megabytes are the same."""
    path = make_clip(folder / "film.mp4")
    with path.open("ab") as file:
        rest = size - path.stat().st_size
        file.write((1).to_bytes(4, "big") + b"free" + rest.to_bytes(8, "big"))
        noise = os.urandom(BLOCK)
        for start in range(16, rest, BLOCK):
            block = start.to_bytes(8, "big") + noise[8:]
            file.write(block[: min(BLOCK, rest - start)])
    return path


def copied(path: Path) -> float:
    """Bytes a second of the least that anybody has to do: read, hash, write, sync."""
    began = time.perf_counter()
    digest = hashlib.sha256()
    target = path.with_suffix(".copy")
    with path.open("rb") as source, target.open("wb") as out:
        while block := source.read(BLOCK):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    target.unlink()
    return path.stat().st_size / (time.perf_counter() - began)


@contextmanager
def watched(port: int) -> Iterator[list[int]]:
    """Resident bytes of the server on this port: before, and the most meanwhile."""
    pid = next(c.pid for c in psutil.net_connections("tcp") if c.laddr.port == port and c.status == "LISTEN")
    process, is_over = psutil.Process(pid), threading.Event()
    seen = [process.memory_info().rss, 0]

    def look() -> None:
        while not is_over.wait(0.05):
            seen[1] = max(seen[1], process.memory_info().rss)

    watcher = threading.Thread(target=look)
    watcher.start()
    yield seen
    is_over.set()
    watcher.join()


def blocks(path: Path, start: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while length and (block := file.read(min(BLOCK, length))):
            length -= len(block)
            yield block


def by_tus(client: httpx.Client, path: Path) -> float:
    """In pieces of 64 MB, as the page sends them."""
    size = path.stat().st_size
    began = time.perf_counter()
    headers = {"Tus-Resumable": "1.0.0"}
    begun = client.post("/upload-video", headers={**headers, "Upload-Length": str(size)})
    at = begun.raise_for_status().headers["location"]
    for start in range(0, size, PIECE):
        length = min(PIECE, size - start)
        told = {"Content-Type": "application/offset+octet-stream", "Content-Length": str(length)}
        told["Upload-Offset"] = str(start)
        client.patch(at, content=blocks(path, start, length), headers={**headers, **told}).raise_for_status()
    return size / (time.perf_counter() - began)


def by_body(client: httpx.Client, path: Path) -> float:
    """The file alone."""
    size = path.stat().st_size
    began = time.perf_counter()
    told = {"Content-Length": str(size)}
    client.post("/upload-video", content=blocks(path, 0, size), headers=told).raise_for_status()
    return size / (time.perf_counter() - began)


def creator(settings: Settings) -> dict[str, str]:
    async def make() -> uuid.UUID:
        engine = make_engine(settings.database_url, pool_size=1)
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            person = await make_person(session, roles=("creator",))
        await engine.dispose()
        return person.id

    return {"Authorization": f"Bearer {operator_token(settings, asyncio.run(make()), {'employee', 'creator'})}"}


def main() -> None:
    size = 300 * MB if "--quick" in sys.argv else 3000 * MB
    if "--gb" in sys.argv:
        size = int(float(sys.argv[sys.argv.index("--gb") + 1]) * 1000 * MB)
    machine()
    with install() as settings:
        path = make_film(settings.home, size)
        limit = copied(path)
        headers = creator(settings)
        with served(settings, settings.api_port, "/health/ready", "--factory", "api.app:create_app") as port:
            client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=600)
            for name, send in (("tus, pieces of 64 MB", by_tus), ("one body", by_body)):
                with watched(port) as memory:
                    speed = send(client, path)
                told = f"copy + SHA-256 {limit / MB:.0f} MB/s"
                line(f"{size / MB:.0f} MB, {name}", f"{speed / MB:.0f} MB/s", told, speed / limit)
                grown = max(0, memory[1] - memory[0])
                line("  peak memory above idle", f"{grown / MB:.0f} MB", f"of {size / MB:.0f} MB", grown / size)


if __name__ == "__main__":
    main()

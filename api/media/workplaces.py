"""Folders for work that a job does on this machine: gone at its end, and after a kill once another worker starts."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

LOCK = ".lock"


@asynccontextmanager
async def workplace(root: Path, name: str) -> AsyncIterator[Path]:
    """An empty folder below `root`, locked for as long as this process lives and the block takes."""
    root.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(sweep, root)
    folder = Path(mkdtemp(dir=root, prefix=f"{name}-"))
    lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        inside = folder / "out"
        inside.mkdir()
        yield inside
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def sweep(root: Path) -> int:
    """Removes what killed workers left: a folder that nobody holds a lock on. Gives how many."""
    gone = 0
    for folder in root.iterdir() if root.is_dir() else ():
        try:
            lock = os.open(folder / LOCK, os.O_RDWR)
        except OSError:  # just being made, or no folder of ours
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
        except BlockingIOError:
            pass
        finally:
            os.close(lock)
    return gone

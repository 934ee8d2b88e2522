"""Programs that read what somebody uploaded: in a process of their own, with limits, at the lowest priority."""

import asyncio
import json
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from api.media import limited

GB = 1024**3
KEPT_LINES = 20
LONGEST_LINE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """`cpu_s` of all its threads together; `memory_bytes` of addresses, which is more than it really takes."""

    cpu_s: int
    memory_bytes: int = 6 * GB
    file_bytes: int = 1 * GB
    nice: int = 15


@dataclass(frozen=True, slots=True)
class Ended:
    """`code` is negative where a signal ended it; `complaints` are the last lines of its stderr."""

    code: int
    complaints: tuple[str, ...]


@asynccontextmanager
async def program(command: list[str], limits: Limits) -> AsyncIterator[asyncio.subprocess.Process]:
    """Running; killed at the end of the block if it still runs, or when this process is killed."""
    told = json.dumps({**asdict(limits), "parent": os.getpid()})
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", limited.__file__, told, *command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
        start_new_session=True,  # a signal to the worker's group is for the worker, which then decides
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())


async def run(
    command: list[str], limits: Limits, *, timeout_s: float, told: Callable[[str], None] | None = None
) -> Ended:
    """To its end; TimeoutError after `timeout_s`. Each line of its stdout goes to `told`."""
    complaints: deque[str] = deque(maxlen=KEPT_LINES)
    async with asyncio.timeout(timeout_s), program(command, limits) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.TaskGroup() as group:
            group.create_task(_lines(process.stdout, told or (lambda _: None)))
            group.create_task(_lines(process.stderr, complaints.append))
        return Ended(await process.wait(), tuple(complaints))


async def _lines(stream: asyncio.StreamReader, told: Callable[[str], None]) -> None:
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # a line without end; what it begins with is dropped
            continue
        if not line:
            return
        if text := line.decode(errors="replace").strip():
            told(text)


def file_argument(path: Path) -> str:
    """As ffmpeg reads a local file, whatever is in its name."""
    return f"file:{path}"

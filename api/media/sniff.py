"""What a file really is, whatever its name says. The looking happens in a process of its own: see peek.py."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from api.core.errors import ProblemError
from api.core.settings import ROOT

log = structlog.get_logger()
PATIENCE_S = 120


class FileRefused(ProblemError):
    """Nothing of the file is kept."""

    status = 422
    title = "The file is refused"


@dataclass(frozen=True)
class Sniffed:
    """`facts`: width and height, of a video duration_s, has_sound and codec too."""

    kind: str
    content_type: str
    facts: dict[str, Any] = field(default_factory=dict)


async def sniff(path: Path) -> Sniffed:
    """FileRefused, with a reason for who gave it, where it is nothing that we take."""
    told = await _peek(path)
    if refused := told.pop("refused", None):
        raise FileRefused(refused)
    return Sniffed(told.pop("kind"), told.pop("content_type"), told)


async def _peek(path: Path) -> dict[str, Any]:
    """A crash, too much memory or time is a reason too: the file did it."""
    command = (sys.executable, "-m", "api.media.peek", str(path.absolute()))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env={})
    try:
        async with asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate()
        if process.returncode == 0:
            return dict(json.loads(out))
        log.warning("file could not be looked into", code=process.returncode, error=err.decode(errors="replace")[-500:])
    except TimeoutError:
        log.warning("file took too long to look into")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    raise FileRefused("The file can't be read within sensible limits: export it again, as MP4, PDF, PNG or zip.")


def captions_format(head: bytes) -> str | None:
    """`vtt` or `srt` by the first kilobytes; None for anything else."""
    if b"\0" in head:
        return None
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"WEBVTT") and text[6:7] in (b"", b" ", b"\t", b"\r", b"\n"):
        return "vtt"
    first, _, rest = text.partition(b"\n")
    return "srt" if first.strip().isdigit() and b" --> " in rest[:100] else None

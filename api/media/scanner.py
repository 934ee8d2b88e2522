"""The hook for a virus scanner: PRAXIS_SCANNER_COMMAND is run with the path of each file that arrived.

Exit codes as clamdscan's: 0 clean, 1 infected, anything else means that it couldn't tell: the file waits.
"""

import asyncio
import re
import shlex
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import structlog

from api.core.errors import Unavailable
from api.core.settings import Settings
from api.media.sniff import FileRefused

log = structlog.get_logger()
PATIENCE_S = 900
CLEAN, INFECTED = 0, 1


async def scan(settings: Settings, path: Path) -> None:
    """FileRefused where the scanner found something, Unavailable where it can't tell now. Without one, all is clean."""
    command = shlex.split(settings.scanner_command)
    if not command:
        return
    code, said = await _run([*command, str(path.absolute())])
    if code == INFECTED:
        found = re.sub(r"[^\w .:/()-]", "", said.strip().splitlines()[0] if said.strip() else "")
        found = found.replace(str(path.absolute()), "").strip(" :")[:100]
        raise FileRefused(f"The virus scanner refused this file{f' ({found})' if found else ''}.")
    if code != CLEAN:
        log.error("the virus scanner failed", code=code, said=said[-500:])
        raise Unavailable("The virus scanner isn't there at the moment: the file waits, try again.", retry_after_s=30)


async def _run(command: list[str]) -> tuple[int | None, str]:
    """Its exit code (None where it didn't start or end) and what it said."""
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE)
    except OSError as error:
        return None, str(error)
    try:
        async with asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate()
    except TimeoutError:
        return None, "it took too long"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, (out or err).decode(errors="replace")

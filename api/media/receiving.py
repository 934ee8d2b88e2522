"""A request's body into a file: constant memory, hashed on the way, one writer at a time.

How much of an upload is there is the size of its file: nothing else can say it after a crash.
"""

import asyncio
import errno
import fcntl
import hashlib
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from api.core.errors import ProblemError

BATCH = 1024 * 1024
IDLE_S = 30.0
"""A connection that sends nothing for so long is taken for lost: whoever resumes shall not wait for it."""

MOST_DIGESTS = 200


class UploadLocked(ProblemError):
    status = 423
    title = "The upload is being written to"


class UploadSlow(ProblemError):
    status = 408
    title = "Nothing arrived"


class ChunkDamaged(ProblemError):
    status = 460
    title = "The checksum does not match"


class StorageFull(ProblemError):
    status = 507
    title = "The disk is full"


class TooMuch(ProblemError):
    status = 413
    title = "The file is larger than it said"


@dataclass
class _Writer:
    """A request that writes to an upload now."""

    patience: asyncio.Timeout
    is_replaced: bool = False

    def give_way(self) -> None:
        self.is_replaced = True
        with suppress(RuntimeError):  # it is stopping already
            self.patience.reschedule(asyncio.get_running_loop().time())


_writers: dict[Path, _Writer] = {}
_digests: OrderedDict[Path, tuple[int, Any]] = OrderedDict()
"""Hashes of what has arrived, so that an upload in pieces is not read again; lost with the process, then it is."""


def give_way(path: Path) -> None:
    """Whoever writes here in this process stops: its client has come back on a new connection."""
    if writer := _writers.get(path):
        writer.give_way()


@contextmanager
def locked(path: Path) -> Iterator[BinaryIO]:
    """The only writer of this file, in all processes; UploadLocked where there is one already."""
    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UploadLocked("Another request still writes to this upload: try again in a few seconds.") from None
        yield file


async def receive(
    path: Path,
    file: BinaryIO,
    body: AsyncIterator[bytes],
    *,
    offset: int,
    room: int,
    checksum: tuple[str, bytes] | None = None,
) -> int:
    """Append a body; gives the size of the file after it. The file is locked by the caller.

    What arrived before a lost connection stays, unless it came with a checksum that can't be checked any more.
    """
    digest = _digest_at(path, offset)
    own = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
    file.seek(offset)
    try:
        await _pour(path, body, file, room, [d for d in (digest, own) if d])
        if checksum and own and own.digest() != checksum[1]:
            raise ChunkDamaged("The piece arrived damaged and was dropped: send it again.")
    except OSError as error:
        digest = None
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("There is no room for this file at the moment: tell the people who run this.") from None
        raise
    except BaseException:
        if own:
            file.truncate(offset)
            digest = None
        raise
    finally:
        size = os.fstat(file.fileno()).st_size
        if digest:
            _remember(path, size, digest)
    return size


async def _pour(path: Path, body: AsyncIterator[bytes], file: BinaryIO, room: int, digests: list[Any]) -> None:
    """While a batch is written and hashed in a thread, the next one arrives."""
    pending: asyncio.Future[None] | None = None
    clock = asyncio.get_running_loop().time

    async def write(batch: list[bytes]) -> asyncio.Future[None]:
        if pending:
            await asyncio.shield(pending)
        return asyncio.ensure_future(asyncio.to_thread(_write, file, batch, digests))

    batch: list[bytes] = []
    gathered = 0
    try:
        async with asyncio.timeout(IDLE_S) as patience:
            writer = _writers[path] = _Writer(patience)
            async for piece in body:
                room -= len(piece)
                if room < 0:
                    raise TooMuch("More arrived than the upload was said to have: begin anew with the right length.")
                batch.append(piece)
                gathered += len(piece)
                if gathered >= BATCH:
                    pending = await write(batch)
                    batch, gathered = [], 0
                if writer.is_replaced:
                    raise TimeoutError
                patience.reschedule(clock() + IDLE_S)
    except TimeoutError:
        raise UploadSlow("The connection was given up: ask by HEAD how much is there, and go on.") from None
    finally:
        _writers.pop(path, None)
        if pending:
            await asyncio.shield(pending)
        await asyncio.shield(asyncio.to_thread(_write, file, batch, digests))


def _write(file: BinaryIO, batch: list[bytes], digests: list[Any]) -> None:
    """Flushed, so that the size of the file is what is there."""
    whole = b"".join(batch)
    file.write(whole)
    file.flush()
    for digest in digests:
        digest.update(whole)


def _digest_at(path: Path, offset: int) -> Any:
    """None where only reading the file can tell: after a restart, or after a piece that was dropped."""
    if offset == 0:
        return hashlib.sha256()
    known = _digests.pop(path, None)
    return known[1] if known and known[0] == offset else None


def _remember(path: Path, size: int, digest: Any) -> None:
    if len(_digests) >= MOST_DIGESTS:
        _digests.popitem(last=False)
    _digests[path] = (size, digest)


async def sha256_of(path: Path) -> str:
    """Of the whole file: as it was counted on the way, else read again."""
    known = _digests.pop(path, None)
    if known and known[0] == path.stat().st_size:
        return str(known[1].hexdigest())
    return await asyncio.to_thread(_read_through, path)


def _read_through(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def forget(path: Path) -> None:
    _digests.pop(path, None)

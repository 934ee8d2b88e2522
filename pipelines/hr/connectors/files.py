"""Drop folders: here, on an SFTP server, in an S3 bucket.

fsspec, because one way of listing and reading serves all three, and every store somebody asks for next.
"""

import fnmatch
import hashlib
import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar

import fsspec

from pipelines.hr.connectors import base
from pipelines.hr.connectors.base import Delivery, Place, UnusableFile
from pipelines.hr.connectors.stores import FolderOptions, S3Options, SftpOptions, s3_store, sftp_store
from pipelines.hr.mapping import MappingError
from pipelines.hr.reading import read_content

SETTLED_S = 600.0
"""Where the clock of another machine says that nothing was written for so long, nobody waits to see it."""


@dataclass(frozen=True, slots=True)
class Found:
    """One file of a listing."""

    path: str
    size: int
    changed: float
    etag: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def day(self) -> date:
        """The day in the name, such as employees-2026-11-23.csv, else the day it was written (UTC)."""
        if named := re.search(r"\d{4}-\d{2}-\d{2}", self.name):
            return date.fromisoformat(named.group())
        return datetime.fromtimestamp(self.changed, UTC).date()


class Folder:
    """The folder of the source below PRAXIS_HOME/hr."""

    Options: ClassVar[type[base.Options]] = FolderOptions
    is_local: ClassVar[bool] = True

    def __init__(self, place: Place, options: Any) -> None:
        if not place.mapping.files:
            raise MappingError(f"{place.source}: `files` is missing; name each file and its pattern.")
        self.place, self.options = place, options

    def glance(self) -> str | None:
        """Of names, sizes and times alone; None while a file is missing or still being written."""
        with self._files() as fs:
            found = self._newest(fs)
        return _mark(found) if found and self._is_quiet(found) else None

    def fetch(self, cursor: str | None) -> Delivery | None:
        """The newest file for each pattern. There is no cursor: a file is its source's whole truth on its day."""
        with self._files() as fs:
            found = self._newest(fs)
            if not found or not self._has_settled(fs, found):
                return None
            contents = {name: self._read(fs, file.path) for name, file in found.items()}
            if _mark(self._newest(fs)) != _mark(found):
                return None
        return self._delivery(found, contents)

    def _delivery(self, found: dict[str, Found], contents: dict[str, bytes]) -> Delivery:
        day = max(file.day for file in found.values())
        told = hashlib.sha256()
        for content in contents.values():
            told.update(content)
        names = {name: file.name for name, file in found.items()}
        mapping = self.place.mapping
        try:
            frames = {name: read_content(names[name], content, mapping) for name, content in contents.items()}
        except UnusableFile as error:
            error.delivery = Delivery(self.place.source, {}, names, told.hexdigest(), day)
            raise
        return Delivery(self.place.source, frames, names, told.hexdigest(), day)

    @contextmanager
    def _files(self) -> Iterator[Any]:
        yield fsspec.filesystem("file")

    def _root(self) -> str:
        return str(self.place.folder)

    def _read(self, fs: Any, path: str) -> bytes:
        content: bytes = fs.cat_file(path)
        return content

    def _newest(self, fs: Any) -> dict[str, Found]:
        """By the mapping's names; empty while one is missing."""
        try:
            listed = [_found(info) for info in fs.ls(self._root(), detail=True) if info["type"] == "file"]
        except FileNotFoundError:
            return {}
        newest = {}
        for name, pattern in self.place.mapping.files.items():
            fitting = [file for file in listed if fnmatch.fnmatchcase(file.name, pattern)]
            if not (seen := [file for file in fitting if not file.name.startswith(".")]):
                return {}
            newest[name] = max(seen, key=lambda file: (file.day, file.changed))
        return newest

    def _is_quiet(self, found: dict[str, Found]) -> bool:
        """A file that was written to more recently is perhaps still being written."""
        return all(time.time() - file.changed >= self.options.quiet_s for file in found.values())

    def _has_settled(self, fs: Any, found: dict[str, Found]) -> bool:
        return self._is_quiet(found)


class Remote(Folder):
    """Another machine, whose clock is not ours: whether a file is quiet is seen by looking twice."""

    is_local: ClassVar[bool] = False

    def glance(self) -> str | None:
        with self._files() as fs:
            return _mark(self._newest(fs)) or None

    def _has_settled(self, fs: Any, found: dict[str, Found]) -> bool:
        if all(time.time() - file.changed > SETTLED_S for file in found.values()):
            return True
        time.sleep(self.options.quiet_s)
        return _mark(self._newest(fs)) == _mark(found)


class Sftp(Remote):
    """A folder on an SFTP server, whose key the mapping knows."""

    Options: ClassVar[type[base.Options]] = SftpOptions

    @contextmanager
    def _files(self) -> Iterator[Any]:
        with sftp_store(self.options) as fs:
            yield fs

    def _root(self) -> str:
        return str(self.options.folder)

    def _read(self, fs: Any, path: str) -> bytes:
        """All at once: fsspec's own way asks for each 32 kB and waits for it."""
        content = io.BytesIO()
        fs.ftp.getfo(path, content)
        return content.getvalue()


class S3(Remote):
    """A prefix of a bucket of S3, or of whatever speaks like it."""

    Options: ClassVar[type[base.Options]] = S3Options

    @contextmanager
    def _files(self) -> Iterator[Any]:
        with s3_store(self.options) as fs:
            yield fs

    def _root(self) -> str:
        return f"{self.options.bucket}/{self.options.prefix}".rstrip("/")


def _found(info: dict[str, Any]) -> Found:
    changed = info.get("mtime") or info.get("LastModified") or 0.0
    moment = changed.timestamp() if isinstance(changed, datetime) else float(changed)
    return Found(info["name"], info["size"], moment, str(info.get("ETag", "")))


def _mark(found: dict[str, Found]) -> str:
    """Empty for nothing."""
    if not found:
        return ""
    told = [f"{file.path} {file.size} {file.changed} {file.etag}" for file in found.values()]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()

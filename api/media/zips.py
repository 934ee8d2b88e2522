"""Reading a zip that a stranger made: everything is checked before a byte is written, and streamed out after that."""

import re
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from api.core.errors import ProblemError

MOST_FILES = 20_000
MOST_BYTES = 4 * 2**30
"""Unpacked, all files together."""
SMALL = 64 * 2**20
"""What is not larger than this unpacked harms nobody, however well it is packed."""
MOST_RATIO = 100
LONGEST_NAME = 400
LONGEST_PART = 200
MOST_DIRECTORY = 16 * 2**20
"""Bytes of the list of files at the end of a zip; it is read whole."""
FREE_AFTERWARDS = 512 * 2**20
CHUNK = 2**20
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1 | 0x40 | 0x2000
DRIVE = re.compile(r"[A-Za-z]:")
LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
END, END64_LOCATOR, LOCATOR_SIZE = b"PK\x05\x06", b"PK\x06\x07", 20


class ZipRefused(ProblemError):
    status = 422
    title = "The zip file is refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a zip, by the safe relative path that it is unpacked to."""

    path: str
    size_bytes: int
    info: zipfile.ZipInfo


class SafeZip:
    """A zip whose list of files was found harmless; `with` closes it."""

    def __init__(self, path: Path) -> None:
        _check_directory(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
            raise ZipRefused("The file is no zip, or it is cut off: make it again and upload it again.") from error
        try:
            self.entries = {entry.path: entry for entry in _checked(self._zip.infolist())}
            _check_bomb(list(self.entries.values()), path.stat().st_size)
        except ZipRefused:
            self._zip.close()
            raise

    def __enter__(self) -> "SafeZip":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @property
    def total_bytes(self) -> int:
        return sum(entry.size_bytes for entry in self.entries.values())

    def read(self, path: str, *, most: int) -> bytes:
        """A small file, whole."""
        entry = self.entries[path]
        if entry.size_bytes > most:
            raise ZipRefused(f"{path} has {entry.size_bytes:,} bytes: more than {most:,} are not read.")
        return b"".join(self._stream(entry))

    def extract(self, folder: Path) -> None:
        """All files below `folder`, in constant memory; each one's checksum is checked."""
        if shutil.disk_usage(folder).free < self.total_bytes + FREE_AFTERWARDS:
            raise ZipRefused(
                f"The server has no room for the {self.total_bytes:,} bytes of this zip: ask its operator for space."
            )
        for entry in self.entries.values():
            target = folder / entry.path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for chunk in self._stream(entry):
                    file.write(chunk)

    def _stream(self, entry: Entry) -> Iterator[bytes]:
        try:
            with self._zip.open(entry.info) as source:
                while chunk := source.read(CHUNK):  # never more than the size that was declared and checked
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error) as error:
            raise ZipRefused(
                f"{entry.path} is damaged in the zip (its checksum is wrong): make the zip again and upload it again."
            ) from error


def _check_directory(path: Path) -> None:
    """The list of files is read whole into memory, so its size is looked at first, as zipfile would find it."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 66_000))
        tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + 22:
        raise ZipRefused("The file is no zip, or it is cut off: make it again and upload it again.")
    count, directory = struct.unpack("<HL", tail[at + 10 : at + 16])
    if tail[max(0, at - LOCATOR_SIZE) : at].startswith(END64_LOCATOR) and at >= LOCATOR_SIZE + 56:
        count, directory = struct.unpack("<QQ", tail[at - LOCATOR_SIZE - 24 : at - LOCATOR_SIZE - 8])
    if count > MOST_FILES or directory > MOST_DIRECTORY:
        raise ZipRefused(f"The zip holds more than {MOST_FILES:,} files: take out what the package doesn't need.")


def _checked(infos: list[zipfile.ZipInfo]) -> Iterator[Entry]:
    if len(infos) > MOST_FILES:
        raise ZipRefused(f"The zip holds more than {MOST_FILES:,} files: take out what the package doesn't need.")
    _check_overlaps(infos)
    names: set[str] = set()
    folders: set[str] = set()
    for info in infos:
        _check_name(info)
        if info.filename.startswith(LITTER[0]) or PurePosixPath(info.filename).name in LITTER:
            continue
        _check_kind(info)
        if info.is_dir():
            continue
        same = unicodedata.normalize("NFC", info.filename).casefold()
        if same in names:
            raise ZipRefused(f"The zip holds {info.filename} twice: keep one of them.")
        names.add(same)
        folders.update(str(parent) for parent in PurePosixPath(same).parents)
        yield Entry(info.filename, info.file_size, info)
    if both := names & folders:
        raise ZipRefused(f"In the zip {min(both)} is both a file and a folder: rename one of them.")


def _check_name(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    shown = name[:80].encode("unicode_escape").decode()
    parts = name.removesuffix("/").split("/")
    if "\\" in name:
        raise ZipRefused(f"The name {shown} has a backslash: make the zip with folders separated by /.")
    if name.startswith("/") or DRIVE.match(name) or ".." in parts:
        raise ZipRefused(f"The name {shown} leads out of the zip's own folder: make the zip again from within it.")
    if not name or any(part in ("", ".") for part in parts) or not name.isprintable():
        raise ZipRefused(f"The name {shown!r} is no file name: rename the file and make the zip again.")
    too_long = len(name.encode(errors="replace")) > LONGEST_NAME
    if too_long or any(len(part.encode(errors="replace")) > LONGEST_PART for part in parts):
        raise ZipRefused(f"The name {shown}... is too long: at most {LONGEST_PART} bytes, {LONGEST_NAME} with folders.")


def _check_kind(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & ENCRYPTED:
        raise ZipRefused("The zip is encrypted: make it again without a password.")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ZipRefused(f"{info.filename} is a link or a device: put the file itself into the zip.")
    if info.compress_type not in PLAIN:
        raise ZipRefused(f"{info.filename} is packed in a rare way: make the zip with the usual compression (deflate).")


def _check_overlaps(infos: list[zipfile.ZipInfo]) -> None:
    """A bomb of the better kind lets many entries share the same packed bytes."""
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < end:
            raise ZipRefused("Files in the zip overlap, as in a zip bomb: make the zip again with a usual program.")
        end = info.header_offset + 30 + info.compress_size


def _check_bomb(entries: list[Entry], packed: int) -> None:
    total = sum(entry.size_bytes for entry in entries)
    if total > MOST_BYTES:
        raise ZipRefused(
            f"Unpacked the zip would have {total:,} bytes; at most {MOST_BYTES:,} are taken: make it smaller."
        )
    if total > SMALL and total > MOST_RATIO * packed:
        raise ZipRefused(
            f"The zip unpacks to {total // packed:,} times its size, as a zip bomb does: leave out what is empty."
        )

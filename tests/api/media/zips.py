"""Zips as strangers make them, the bad ones byte by byte."""

import io
import stat
import struct
import zipfile
from pathlib import Path

Files = dict[str, bytes | str]


def zipped(path: Path, files: Files, *, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def renamed(path: Path, wanted: str, name: bytes, *, same_length: str) -> Path:
    """A zip whose one file has a name that no library would write; `same_length` stands in for it at first."""
    zipped(path, {same_length: "x"})
    assert len(same_length.encode()) == len(name), wanted
    path.write_bytes(path.read_bytes().replace(same_length.encode(), name))
    return path


def symlink(path: Path) -> Path:
    info = zipfile.ZipInfo("link.html")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("index.html", "x")
        made.writestr(info, "/etc/passwd")
    return path


def encrypted(path: Path) -> Path:
    """By its flags, which is where readers look."""
    zipped(path, {"index.html": "x"})
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    path.write_bytes(content)
    return path


def damaged(path: Path) -> Path:
    """The content doesn't fit its checksum."""
    zipped(path, {"index.html": "right content"}, compression=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"right content", b"wrong content"))
    return path


def bomb(path: Path) -> Path:
    """200 MB of zeros in 200 KB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made, made.open("index.html", "w") as file:
        for _ in range(200):
            file.write(bytes(1_000_000))
    return path


def overlapping(path: Path, count: int = 50) -> Path:
    """Many entries that share one file's bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as one:
        one.writestr("0000.html", bytes(1_000_000))
    whole = made.getvalue()
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entries = b"".join(whole[start:end].replace(b"0000.html", f"{n:04}.html".encode()) for n in range(count))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entries), start, 0)
    path.write_bytes(whole[:start] + entries + tail)
    return path


def with_many_files_told(path: Path, count: int) -> Path:
    """The end says that there are so many files."""
    zipped(path, {"index.html": "x"})
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x05\x06")
    content[at + 8 : at + 12] = struct.pack("<HH", count, count)
    path.write_bytes(content)
    return path

"""Zips of strangers: each bad one is refused with what to do, and leaves nothing."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from api.media import zips
from api.media.zips import SafeZip, ZipRefused
from tests.api.media.zips import (
    bomb,
    damaged,
    encrypted,
    overlapping,
    renamed,
    symlink,
    with_many_files_told,
    zipped,
)

Make = Callable[[Path], Path]
BAD: dict[str, tuple[Make, str]] = {
    "text": (lambda path: path.write_text("no zip") and path, "no zip"),
    "empty file": (lambda path: path.write_bytes(b"") or path, "no zip"),
    "parent folder": (lambda path: zipped(path, {"a/../../b.html": "x"}), "leads out of"),
    "absolute": (lambda path: zipped(path, {"a": "x", "/etc/cron.d/x": "x"}), "leads out of"),
    "drive": (lambda path: zipped(path, {"C:/x.html": "x"}), "leads out of"),
    "backslash": (lambda path: renamed(path, "backslash", b"..\\x.html", same_length="aaaax.html"[:9]), "backslash"),
    "NUL": (lambda path: renamed(path, "NUL", b"a.html\x00.js", same_length="a.html-.js"), "no file name"),
    "empty part": (lambda path: zipped(path, {"a//b.html": "x"}), "no file name"),
    "control character": (lambda path: zipped(path, {"a\nb.html": "x"}), "no file name"),
    "long name": (lambda path: zipped(path, {"a" * 300 + ".html": "x"}), "too long"),
    "deep name": (lambda path: zipped(path, {"a/" * 250 + "b": "x"}), "too long"),
    "twice": (lambda path: zipped(path, {"index.html": "x", "INDEX.html": "y"}), "twice"),
    "file and folder": (lambda path: zipped(path, {"a": "x", "a/b.html": "y"}), "both a file and a folder"),
    "symlink": (symlink, "is a link"),
    "encrypted": (encrypted, "without a password"),
    "rare compression": (lambda path: zipped(path, {"a.html": "x"}, compression=14), "rare way"),
    "bomb": (bomb, "zip bomb"),
    "overlapping bomb": (overlapping, "overlap"),
    "too many files": (lambda path: with_many_files_told(path, 65_000), "20,000 files"),
    "damaged": (damaged, "checksum"),
    "cut off": (lambda path: path.write_bytes(zipped(path, {"a.html": "x" * 999}).read_bytes()[:60]) and path, "cut"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_zip_is_refused_with_what_to_do(tmp_path: Path, kind: str) -> None:
    make, reason = BAD[kind]
    path, folder = make(tmp_path / "given.zip"), tmp_path / "out"
    folder.mkdir()
    with pytest.raises(ZipRefused, match=reason) as refused, SafeZip(path) as found:
        found.extract(folder)
    assert ": " in refused.value.detail  # what is wrong: what to do
    assert sum(len(file.read_bytes()) for file in tmp_path.rglob("*") if file.is_file() and file != path) < 20


def test_a_good_zip_is_unpacked_without_litter_and_what_it_holds_stays_packed(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"x.html": "x"}).read_bytes()
    files = {
        "index.html": "<p>Hi",
        "a/ü ß.js": "1",
        "a/inner.zip": inner,
        "__MACOSX/._index.html": "x",
        "a/.DS_Store": "x",
    }
    with SafeZip(zipped(tmp_path / "good.zip", files)) as found:
        (out := tmp_path / "out").mkdir()
        found.extract(out)
    kept = {file.relative_to(out).as_posix(): file.read_bytes() for file in out.rglob("*") if file.is_file()}
    assert kept == {"index.html": b"<p>Hi", "a/ü ß.js": b"1", "a/inner.zip": inner}
    assert not any(file.stat().st_mode & (stat.S_IXUSR | stat.S_ISUID) for file in out.rglob("*") if file.is_file())


def test_more_than_fits_is_refused_before_a_byte_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "good.zip", {"index.html": b"x" * 1000})
    (out := tmp_path / "out").mkdir()
    with SafeZip(path) as found:
        monkeypatch.setattr(zips, "FREE_AFTERWARDS", 2**62)
        with pytest.raises(ZipRefused, match="no room"):
            found.extract(out)
    monkeypatch.setattr(zips, "MOST_BYTES", 999)
    with pytest.raises(ZipRefused, match="make it smaller"):
        SafeZip(path)
    assert not list(out.iterdir())

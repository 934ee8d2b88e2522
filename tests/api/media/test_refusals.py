"""What is refused, with a reason for who gave it, and nothing left behind."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.media.models import MediaAsset, MediaObject, Upload
from api.media.sniff import FileRefused, captions_format, sniff
from tests.api.media.files import PDF, clip, docx, ffmpeg, make_clip, png, zipped
from tests.factories import make_person

ODF = "application/vnd.oasis.opendocument."
Maker = Callable[[Path, bytes], bytes]


def cut(share: float) -> Maker:
    return lambda _, film: film[: int(len(film) * share)]


def sound_only(folder: Path, _: bytes) -> bytes:
    return make_clip(folder / "sound.mp4", picture=False).read_bytes()


def huge(folder: Path, _: bytes) -> bytes:
    path = folder / "huge.mkv"
    ffmpeg("-f", "lavfi", "-i", "color=size=16000x8000:rate=1:duration=1", "-c:v", "mjpeg", "-frames:v", "1", str(path))
    return path.read_bytes()


def without_end(folder: Path, film: bytes) -> bytes:
    """The index of an MP4 stands at its end, unless it was made for the web."""
    (folder / "web.mp4").write_bytes(film)
    ffmpeg("-i", str(folder / "web.mp4"), "-c", "copy", str(folder / "late.mp4"))
    late = (folder / "late.mp4").read_bytes()
    return late[: len(late) * 2 // 3]


REFUSED: dict[str, tuple[Maker, str]] = {
    "a text": (lambda *_: b"hello, I am a film\n" * 50, "This is text"),
    "a film cut off at its end": (cut(0.95), "cut off"),
    "a film cut in half": (cut(0.5), "cut off"),
    "a film without its index": (without_end, "cut off"),
    "sound only": (sound_only, "only sound"),
    "16000 x 8000": (huge, "16000 x 8000"),
    "an HLS playlist": (lambda *_: b"#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:1/secret.ts\n", "playlist"),
    "a concat list": (lambda *_: b"ffconcat version 1.0\nfile http://127.0.0.1:1/secret\n", "playlist"),
    "random bytes": (lambda *_: hashlib.shake_256(b"x").digest(5000), "isn't known"),
    "the head of a film alone": (lambda _, film: film[:64], "cut off"),
    "a PDF": (lambda *_: PDF, "POST /upload-material"),
}
MATERIAL: dict[str, tuple[Maker, str]] = {
    "a film": (lambda _, film: film, "POST /upload-video"),
    "a page": (lambda *_: b"<!doctype html><script>alert(1)</script>", "zip package"),
    "a drawing": (lambda *_: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "zip package"),
    "captions": (lambda *_: b"WEBVTT\n\n00:00.000 --> 00:01.000\nHi\n", "captions"),
    "a PDF cut off": (lambda *_: PDF[:40], "cut off"),
    "a picture cut off": (lambda *_: png()[:70], "damaged"),
    "a picture of 12001 points": (lambda *_: png(12_001, 1), "12001 x 1"),
    "a zip cut off": (lambda *_: zipped(a="x" * 100)[:60], "damaged"),
    "an empty zip": (lambda *_: zipped(), "empty"),
    "a document with macros": (lambda *_: docx("word/vbaProject.bin"), "macros"),
    "an old Office file": (lambda *_: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old or locked"),
    "sound": (lambda *_: b"ID3\x03" + bytes(300), "sound only"),
}
CASES = [("upload-video", *case) for case in REFUSED.items()] + [
    ("upload-material", *case) for case in MATERIAL.items()
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture
async def creator(committed: AsyncSession, token_for: Callable[..., dict[str, str]]) -> dict[str, str]:
    person = await make_person(committed, roles=("creator",))
    await committed.commit()
    return token_for(person.id, "employee", "creator")


async def test_a_refused_file_says_why_and_leaves_nothing_behind(
    api: httpx.AsyncClient, creator: dict[str, str], session: AsyncSession, settings: Settings, folder: Path
) -> None:
    for route, name, (make, reason) in CASES:
        content = make(folder, clip(folder))
        answer = await api.post(f"/{route}", params={"file_name": "film.mp4"}, content=content, headers=creator)
        assert (answer.status_code, answer.json()["title"]) == (422, "The file is refused"), (name, answer.text)
        assert reason in answer.json()["detail"], name
    for model in (MediaAsset, MediaObject, Upload):
        assert await session.scalar(select(func.count()).select_from(model)) == 0
    assert list(settings.staging_dir.iterdir()) == []
    assert [path for path in Path(settings.objects_store).rglob("*") if path.is_file()] == []


async def test_an_empty_body_is_refused(api: httpx.AsyncClient, creator: dict[str, str]) -> None:
    answer = await api.post("/upload-video", content=b"", headers=creator)
    assert (answer.status_code, answer.json()["detail"]) == (400, "The file is empty: choose another.")


@pytest.mark.parametrize(
    ("content", "kind", "content_type"),
    [
        (PDF, "document", "application/pdf"),
        (png(), "image", "image/png"),
        (docx(), "document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (zipped(index_dot_html="<p>"), "package", "application/zip"),
        (zipped(mimetype=f"{ODF}text"), "document", f"{ODF}text"),
    ],
    ids=["pdf", "png", "docx", "zip", "odt"],
)
async def test_what_a_file_is_shows_in_its_content(
    tmp_path: Path, content: bytes, kind: str, content_type: str
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    found = await sniff(path)
    assert (found.kind, found.content_type) == (kind, content_type)


async def test_a_file_that_takes_too_long_or_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(PDF)
    monkeypatch.setattr("api.media.sniff.PATIENCE_S", 0)
    with pytest.raises(FileRefused, match="sensible limits"):
        await sniff(path)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"WEBVTT\n\n", "vtt"),
        (b"\xef\xbb\xbfWEBVTT - title\n", "vtt"),
        (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHi", "srt"),
        (b"WEBVTTX", None),
        (b"<html>", None),
        (b"WEBVTT\n\0", None),
    ],
)
def test_captions_are_told_by_their_first_lines(head: bytes, found: str | None) -> None:
    assert captions_format(head) == found

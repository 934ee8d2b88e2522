"""Files by content hash, delivered by signed, expiring paths."""

import hashlib
import stat
import time
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.media.models import MediaObject
from api.media.service import ensure_media_key, signed_path, store
from api.media.storage import object_key

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
async def media(committed: AsyncSession, settings: Settings, tmp_path: Path) -> MediaObject:
    file = tmp_path / "film.mp4"
    file.write_bytes(CONTENT)
    stored = await store(committed, settings, path=file, content_type="video/mp4")
    await committed.commit()
    assert stored.object
    return stored.object


@pytest.fixture
def link(media: MediaObject, settings: Settings) -> str:
    return signed_path(settings, ensure_media_key(settings), media)


def changed(link: str, **values: object) -> str:
    parts = urlsplit(link)
    query = {name: found[0] for name, found in parse_qs(parts.query).items()}
    return f"{parts.path}?{urlencode(query | values)}"


async def test_a_file_is_delivered_whole_to_who_holds_the_link_and_may_be_kept_for_ever(
    api: httpx.AsyncClient, link: str
) -> None:
    answer = await api.get(link)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "video/mp4"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["etag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'


@pytest.mark.parametrize(
    ("wanted", "part"), [("bytes=0-9", CONTENT[:10]), ("bytes=255990-", CONTENT[-10:]), ("bytes=-3", CONTENT[-3:])]
)
async def test_a_range_is_delivered_alone(api: httpx.AsyncClient, link: str, wanted: str, part: bytes) -> None:
    answer = await api.get(link, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (206, part)
    assert answer.headers["content-range"].endswith(f"/{len(CONTENT)}")


@pytest.mark.parametrize("wanted", ["bytes=999999999-", "bytes=9-5", "metres=1-2", "bytes=", "bytes=x-y"])
async def test_a_range_outside_the_file_is_a_problem_document(api: httpx.AsyncClient, link: str, wanted: str) -> None:
    answer = await api.get(link, headers={"Range": wanted})
    assert (answer.status_code, answer.headers["content-type"]) == (416, "application/problem+json")


@pytest.mark.parametrize("known", ["{etag}", "W/{etag}", '"other", {etag}'])
async def test_who_has_the_file_already_gets_no_second_copy(api: httpx.AsyncClient, link: str, known: str) -> None:
    etag = (await api.head(link)).headers["etag"]
    answer = await api.get(link, headers={"If-None-Match": known.format(etag=etag)})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    "change",
    [
        {"expires": 2**40},
        {"type": "text/html"},
        {"signature": "0" * 64},
    ],
)
async def test_a_changed_link_is_refused(api: httpx.AsyncClient, link: str, change: dict[str, object]) -> None:
    assert (await api.get(changed(link, **change))).status_code == 403


@pytest.mark.parametrize("change", [{"signature": "é" * 64}, {"signature": ""}, {"expires": -1}, {"expires": "9" * 99}])
async def test_a_malformed_link_is_refused(api: httpx.AsyncClient, link: str, change: dict[str, object]) -> None:
    assert (await api.get(changed(link, **change))).status_code == 422


async def test_a_link_ends(api: httpx.AsyncClient, media: MediaObject, settings: Settings) -> None:
    old = signed_path(settings, ensure_media_key(settings), media, now=time.time() - 2 * 86_400)
    answer = await api.get(old)
    assert (answer.status_code, answer.json()["title"]) == (403, "The link has expired")


async def test_a_link_of_another_install_is_refused(
    api: httpx.AsyncClient, media: MediaObject, settings: Settings
) -> None:
    assert (await api.get(signed_path(settings, b"another key", media))).status_code == 403


@pytest.mark.parametrize("name", ["../secrets/media_key", "..%2f..%2fsecrets%2fmedia_key", "A" * 64, "a" * 63 + "%00"])
async def test_no_path_leads_out_of_the_store(api: httpx.AsyncClient, link: str, name: str) -> None:
    answer = await api.get(f"/media/{name}?{urlsplit(link).query}")
    assert answer.status_code in (404, 422)


async def test_a_content_type_with_a_plus_survives_the_link(
    api: httpx.AsyncClient, committed: AsyncSession, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "drawing.svg"
    file.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    stored = await store(committed, settings, path=file, content_type="image/svg+xml")
    assert stored.object
    answer = await api.get(signed_path(settings, ensure_media_key(settings), stored.object))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


async def test_the_same_content_is_stored_once(
    session: AsyncSession, settings: Settings, media: MediaObject, tmp_path: Path
) -> None:
    again = tmp_path / "copy.mp4"
    again.write_bytes(CONTENT)
    assert (await store(session, settings, path=again, content_type="video/mp4")).id == media.id


async def test_a_file_that_is_gone_is_a_404(
    api: httpx.AsyncClient, link: str, media: MediaObject, settings: Settings
) -> None:
    (Path(settings.objects_store) / object_key(media.sha256)).unlink()
    assert (await api.get(link)).status_code == 404


def test_the_key_is_private_and_stays_the_same(settings: Settings) -> None:
    assert ensure_media_key(settings) == ensure_media_key(settings)
    assert stat.S_IMODE((settings.secrets_dir / "media_key").stat().st_mode) == 0o600

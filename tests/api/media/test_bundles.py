"""Sets of files, links to them, and the copy at publishing."""

import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.media.bundles import store_bundle
from api.media.delivery import asset_links, ensure_media_key
from api.media.leftovers import remove_unused, remove_unused_bundle
from api.media.models import MediaAsset
from api.media.publishing import FileMissing, publish_assets
from api.media.service import store
from api.media.storage import bundle_key, object_key
from tests.factories import make_person

FILES = {"master.m3u8": "#EXTM3U\n720p/a b.m3u8\n", "720p/a b.m3u8": "#EXTM3U\n", "poster.jpg": "JPEG"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        file = tmp_path / "set" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (tmp_path / "set" / "link").symlink_to("/etc/hostname")
    return tmp_path / "set"


@pytest.fixture
async def asset(committed: AsyncSession, settings: Settings, folder: Path, tmp_path: Path) -> MediaAsset:
    """A video with renditions and captions."""
    film, captions = tmp_path / "film.mp4", tmp_path / "en.vtt"
    film.write_text(f"film of {os.urandom(8).hex()}")
    captions.write_text(f"WEBVTT {film.read_text()}")
    kept = await store(committed, settings, path=film, content_type="video/mp4")
    said = await store(committed, settings, path=captions, content_type="text/vtt")
    assert said.object
    kept.bundle = await store_bundle(committed, settings, folder)
    kept.detail = {
        "hls": "master.m3u8",
        "poster": "poster.jpg",
        "captions": [{"language": "en", "label": "English", "sha256": said.object.sha256}],
    }
    await committed.commit()
    return kept


@pytest.fixture
def links(asset: MediaAsset, settings: Settings) -> dict[str, str]:
    made = asset_links(settings, ensure_media_key(settings), asset)
    return {**made, "captions": made["captions"][0]["url"]}


async def test_one_signature_opens_the_whole_set(
    api: httpx.AsyncClient, links: dict[str, str], settings: Settings
) -> None:
    master = links["hls"].removeprefix(settings.api_url)
    answer = await api.get(master)
    assert (answer.text, answer.headers["content-type"]) == (FILES["master.m3u8"], "application/vnd.apple.mpegurl")
    assert "immutable" in answer.headers["cache-control"]
    assert (await api.get(master.replace("master.m3u8", "720p/a%20b.m3u8"))).text == FILES["720p/a b.m3u8"]
    part = await api.get(master, headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.text) == (206, "EXT")
    assert (await api.get(master, headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    assert (await api.get(links["captions"].removeprefix(settings.api_url))).text.startswith("WEBVTT")


async def test_no_path_leads_out_of_a_set(api: httpx.AsyncClient, links: dict[str, str], settings: Settings) -> None:
    base = links["hls"].removeprefix(settings.api_url).removesuffix("master.m3u8")
    for path in ("../../../secrets/media_key", "%2e%2e/%2e%2e/x", "link", "nothing", "720p", "a%00b"):
        assert (await api.get(base + path)).status_code in (403, 404, 422), path
    forged = base[:-2] + ("0" if base[-2] != "0" else "1")
    assert (await api.get(f"{forged}/master.m3u8")).status_code == 403


async def test_a_changed_file_makes_another_set(session: AsyncSession, settings: Settings, folder: Path) -> None:
    first = await store_bundle(session, settings, folder)
    assert await store_bundle(session, settings, folder) == first
    (folder / "poster.jpg").write_text("another")
    assert await store_bundle(session, settings, folder) != first


async def test_links_stay_the_same_for_an_hour_and_lead_to_the_cdn(
    asset: MediaAsset, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ensure_media_key(settings)
    monkeypatch.setattr("api.media.delivery.time.time", lambda: 1_795_464_000.0)
    first = asset_links(settings, key, asset)
    monkeypatch.setattr("api.media.delivery.time.time", lambda: 1_795_464_000.0 + 3599)
    assert asset_links(settings, key, asset) == first
    monkeypatch.setattr(settings, "cdn_base_url", "https://cdn.example.com/praxis")
    assert str(asset_links(settings, key, asset)["hls"]).startswith("https://cdn.example.com/praxis/media/")
    assert settings.media_origins == ["https://cdn.example.com"]


async def test_pages_may_read_files_from_a_cdns_origin(
    api: httpx.AsyncClient, links: dict[str, str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = links["hls"].removeprefix(settings.api_url)
    assert "access-control-allow-origin" not in (await api.get(path)).headers
    monkeypatch.setattr(settings, "cdn_base_url", "https://cdn.example.com")
    answer = await api.get(path)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    asked = await api.options(path, headers={"Origin": "https://learn.example.com"})
    assert "Range" in asked.headers["access-control-allow-headers"]


async def test_publishing_copies_what_an_asset_shows_once(
    session: AsyncSession, asset: MediaAsset, settings: Settings, api: httpx.AsyncClient, links: dict[str, str]
) -> None:
    assert await publish_assets(session, settings, [asset]) >= 2  # the film and its captions; the set may be there
    assert await publish_assets(session, settings, [asset, asset]) == 0
    assert asset.bundle and asset.object
    there = [
        Path(settings.delivery_store) / key
        for key in (bundle_key(asset.bundle, "poster.jpg"), object_key(asset.object.sha256))
    ]
    assert all(path.stat().st_nlink == 2 for path in there)  # a second name, not a second copy
    (Path(settings.objects_store) / object_key(asset.object.sha256)).unlink()
    assert (await api.get(links["url"].removeprefix(settings.api_url))).status_code == 200


async def test_a_file_that_is_gone_stops_the_publishing(
    session: AsyncSession, asset: MediaAsset, settings: Settings
) -> None:
    assert asset.object
    (Path(settings.objects_store) / object_key(asset.object.sha256)).unlink()
    with pytest.raises(FileMissing, match=asset.file_name):
        await publish_assets(session, settings, [asset])


async def test_what_no_asset_names_is_removed_and_what_one_names_stays(
    committed: AsyncSession, asset: MediaAsset, settings: Settings, token_for: Callable[..., dict[str, str]]
) -> None:
    person = await make_person(committed)
    await publish_assets(committed, settings, [asset])
    caption, bundle = asset.detail["captions"][0]["sha256"], asset.bundle
    assert asset.object and bundle
    sha256, stored = asset.object.sha256, asset.object
    other = MediaAsset(
        owner_id=person.id, kind="video", file_name="b", content_type="video/mp4", size_bytes=1, status="ready"
    )
    other.object, other.bundle, other.detail = stored, bundle, asset.detail
    committed.add(other)
    await committed.delete(asset)
    await committed.flush()
    assert not await remove_unused(committed, settings, sha256=sha256)
    assert not await remove_unused_bundle(committed, settings, bundle=bundle)
    assert not await remove_unused(committed, settings, sha256=caption)
    await committed.delete(other)
    await committed.flush()
    assert await remove_unused(committed, settings, sha256=sha256)
    for store_ in (settings.objects_store, settings.delivery_store):
        assert not (Path(store_) / object_key(sha256)).exists()

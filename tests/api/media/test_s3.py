"""The same on a real S3-compatible server."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.media import storage
from api.media.bundles import store_bundle
from api.media.delivery import ensure_media_key, signed_bundle_path
from api.media.leftovers import remove_unused
from api.media.models import MediaAsset, MediaObject
from api.media.publishing import publish_assets
from api.media.storage import bundle_key, object_key
from tests.api.media.files import png, zipped
from tests.factories import make_person
from tests.s3 import BUCKET, KEY, SECRET, s3_server


@pytest.fixture(scope="module")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with s3_server(tmp_path_factory.mktemp("s3")) as endpoint:
        yield Settings(
            home=tmp_path_factory.mktemp("home"),
            database_url=database_url,
            objects_url=f"s3://{BUCKET}/objects",
            s3_endpoint=endpoint,
            s3_key=KEY,
            s3_secret=SECRET,
        )


@pytest.fixture
async def creator(committed: AsyncSession, token_for: Callable[..., dict[str, str]]) -> dict[str, str]:
    person = await make_person(committed, roles=("creator",))
    await committed.commit()
    return {**token_for(person.id, "employee", "creator"), "Tus-Resumable": "1.0.0"}


async def test_an_upload_lands_in_the_bucket_and_is_delivered_from_it(
    api: httpx.AsyncClient, creator: dict[str, str], settings: Settings, session: AsyncSession
) -> None:
    picture = png(700, 600) + b"padding" * 1_500_000  # more than one part of a multipart upload
    begun = await api.post("/upload-material", headers={**creator, "Upload-Length": str(len(picture))})
    piece = {**creator, "Content-Type": "application/offset+octet-stream"}
    for start, end in ((0, 6_000_000), (6_000_000, len(picture))):
        headers = {**piece, "Upload-Offset": str(start)}
        assert (await api.patch(begun.headers["location"], content=picture[start:end], headers=headers)).is_success
    asset = (await api.get(f"/media-assets/{begun.headers['location'].rpartition('/')[2]}", headers=creator)).json()
    assert list(settings.staging_dir.iterdir()) == []
    assert not (settings.home / "objects").exists()
    link = asset["links"]["url"].removeprefix(settings.api_url)
    whole = await api.get(link)
    assert (whole.content, whole.headers["content-length"]) == (picture, str(len(picture)))
    assert whole.headers["etag"] == f'"{hashlib.sha256(picture).hexdigest()}"'
    for wanted, part in (
        ("bytes=10-19", picture[10:20]),
        ("bytes=-3", picture[-3:]),
        ("bytes=9000000-", picture[9_000_000:]),
    ):
        answer = await api.get(link, headers={"Range": wanted})
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["content-range"].endswith(f"/{len(picture)}")
    beyond = await api.get(link, headers={"Range": "bytes=999999999-"})
    assert (beyond.status_code, beyond.headers["content-type"]) == (416, "application/problem+json")
    assert (await api.get(link, headers={"If-None-Match": whole.headers["etag"]})).status_code == 304
    head = await api.head(link)
    assert (head.headers["content-length"], head.content) == (str(len(picture)), b"")


async def test_a_set_is_stored_published_by_the_server_itself_and_removed(
    api: httpx.AsyncClient, session: AsyncSession, committed: AsyncSession, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "ü").mkdir()
    (tmp_path / "ü" / "a b.vtt").write_text("WEBVTT")
    bundle = await store_bundle(committed, settings, tmp_path)
    package = tmp_path / "package.zip"
    package.write_bytes(zipped(a="b"))
    sha256 = hashlib.sha256(package.read_bytes()).hexdigest()
    await storage.put_file(settings, object_key(sha256), package)
    asset = MediaAsset(
        kind="video", file_name="f", content_type="video/mp4", size_bytes=1, status="ready", bundle=bundle
    )
    asset.detail, asset.object = {}, MediaObject(sha256=sha256, content_type="video/mp4", file_name="f", size_bytes=1)
    committed.add(asset)
    await committed.commit()
    assert await publish_assets(session, settings, [asset]) == 2
    assert await publish_assets(session, settings, [asset]) == 0
    key = bundle_key(bundle, "ü/a b.vtt")
    assert await storage.size_of(storage.delivery(settings), key) == 6
    await storage.objects(settings).delete_async(key)  # so it is the published one that is delivered
    answer = await api.get(signed_bundle_path(settings, ensure_media_key(settings), bundle, "ü/a b.vtt"))
    assert (answer.status_code, answer.text) == (200, "WEBVTT")
    async with storage.local_copy(settings, object_key(sha256)) as path:
        assert path.read_bytes() == package.read_bytes()
    await committed.delete(asset)
    assert await remove_unused(committed, settings, sha256=sha256)
    assert await storage.size_of(storage.objects(settings), object_key(sha256)) is None
    with pytest.raises(FileNotFoundError):
        async with storage.local_copy(settings, object_key(sha256)):
            pass

"""Files that arrive in pieces (tus 1.0) or in one body, through the real API and a real database."""

import asyncio
import base64
import hashlib
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, make_sessions
from api.core.settings import Settings
from api.identity.audit import AuditEntry
from api.media import receiving, uploads
from api.media.models import MediaAsset, MediaObject, Upload
from api.media.storage import object_key
from tests.api.media.files import clip, png
from tests.factories import make_person

Headers = dict[str, str]
PIECE = {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
async def creator(committed: AsyncSession, token_for: Callable[..., Headers]) -> Headers:
    person = await make_person(committed, roles=("creator",))
    await committed.commit()
    return {**token_for(person.id, "employee", "creator"), "Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return clip(tmp_path_factory.mktemp("clip"))


def told(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


async def begin(api: httpx.AsyncClient, creator: Headers, size: int, route: str = "upload-video", **values: str) -> str:
    headers = {**creator, "Upload-Length": str(size), "Upload-Metadata": told(**{"filename": "film.mp4"} | values)}
    answer = await api.post(f"/{route}", headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def send(
    api: httpx.AsyncClient, creator: Headers, at: str, offset: int, piece: bytes, **more: str
) -> httpx.Response:
    headers = {**creator, **PIECE, "Upload-Offset": str(offset), **more}
    return await api.patch(at, content=piece, headers=headers)


async def nothing_left(session: AsyncSession, settings: Settings, *, sha256: str = "", at: str = "") -> None:
    """No row, no object, no file of this upload."""
    name = at.rpartition("/")[2]
    if name:
        assert await session.get(Upload, uuid.UUID(name)) is None
        assert await session.get(MediaAsset, uuid.UUID(name)) is None
        assert not (settings.staging_dir / name).exists()
    if sha256:
        assert await session.scalar(select(MediaObject).where(MediaObject.sha256 == sha256)) is None
        assert not (Path(settings.objects_store) / object_key(sha256)).exists()


async def test_a_file_in_pieces_becomes_an_asset_of_the_uploads_id(
    api: httpx.AsyncClient, creator: Headers, film: bytes, session: AsyncSession, settings: Settings
) -> None:
    at = await begin(api, creator, len(film), filename="../../ladders\x00.mp4", sha256=hashlib.sha256(film).hexdigest())
    first = await send(api, creator, at, 0, film[:1000])
    assert (first.status_code, first.headers["upload-offset"]) == (204, "1000")
    head = await api.head(at, headers=creator)
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == ("1000", str(len(film)))
    assert head.headers["tus-resumable"] == "1.0.0"
    assert head.headers["cache-control"] == "no-store"
    last = await send(api, creator, at, 1000, film[1000:])
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(film)))
    asset = (await api.get(f"/media-assets/{at.rpartition('/')[2]}", headers=creator)).json()
    assert (asset["kind"], asset["file_name"], asset["size_bytes"]) == ("video", "ladders.mp4", len(film))
    assert (asset["detail"]["width"], asset["detail"]["height"], asset["duration_s"]) == (320, 180, 2.0)
    delivered = await api.get(asset["links"]["url"].replace(settings.api_url, ""))
    assert (delivered.content, delivered.headers["content-type"]) == (film, "video/mp4")
    assert not (settings.staging_dir / asset["id"]).exists()
    after = await api.head(at, headers=creator)
    assert after.headers["upload-offset"] == after.headers["upload-length"] == str(len(film))
    logged = await session.scalar(select(AuditEntry).where(AuditEntry.target_id == asset["id"]))
    assert logged and logged.action == "media.asset_uploaded"


async def test_what_the_server_offers_is_told_by_options(api: httpx.AsyncClient, settings: Settings) -> None:
    answer = await api.options("/upload-material")
    assert answer.headers["tus-version"] == "1.0.0"
    assert set(answer.headers["tus-extension"].split(",")) == {
        "creation", "creation-with-upload", "termination", "checksum", "expiration",
    }  # fmt: skip
    assert answer.headers["tus-max-size"] == str(settings.upload_max_bytes)
    assert "sha1" in answer.headers["tus-checksum-algorithm"]


async def test_a_small_file_may_come_with_its_creation(api: httpx.AsyncClient, creator: Headers) -> None:
    picture = png()
    headers = {**creator, **PIECE, "Upload-Length": str(len(picture)), "Upload-Metadata": told(filename="a.png")}
    answer = await api.post("/upload-material", content=picture, headers=headers)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(picture)))
    asset = (await api.get(f"/media-assets/{answer.headers['location'].rpartition('/')[2]}", headers=creator)).json()
    assert (asset["status"], asset["kind"], asset["progress_percent"]) == ("ready", "image", 100)


async def test_a_script_sends_the_file_alone_and_may_repeat_it(api: httpx.AsyncClient, creator: Headers) -> None:
    chosen, plain = str(uuid.uuid4()), {"Authorization": creator["Authorization"]}
    query = {"file_name": "a.png", "id": chosen}
    for _ in range(2):
        answer = await api.post("/upload-material", params=query, content=png(41), headers=plain)
        assert answer.status_code == 202, answer.text
        assert answer.json() == {"asset_id": chosen, "status": "ready", "message": "The image is ready."}


async def test_a_body_of_unknown_length_is_taken(api: httpx.AsyncClient, creator: Headers) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(picture), 50):
            yield picture[start : start + 50]

    picture = png(42)
    plain = {"Authorization": creator["Authorization"]}
    answer = await api.post("/upload-material", params={"file_name": "b.png"}, content=parts(), headers=plain)
    assert answer.status_code == 202
    asset = (await api.get(f"/media-assets/{answer.json()['asset_id']}", headers=plain)).json()
    assert asset["size_bytes"] == len(picture)


async def test_a_piece_at_another_place_is_refused_and_changes_nothing(
    api: httpx.AsyncClient, creator: Headers
) -> None:
    at = await begin(api, creator, 1000)
    await send(api, creator, at, 0, b"x" * 100)
    assert (await send(api, creator, at, 50, b"y" * 10)).status_code == 409
    assert (await api.head(at, headers=creator)).headers["upload-offset"] == "100"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
async def test_a_damaged_piece_is_dropped(api: httpx.AsyncClient, creator: Headers, algorithm: str) -> None:
    at = await begin(api, creator, 1000)
    digest = base64.b64encode(hashlib.new(algorithm, b"y" * 100).digest()).decode()
    checked = {"Upload-Checksum": f"{algorithm} {digest}"}
    refused = await send(api, creator, at, 0, b"x" * 100, **checked)
    assert refused.status_code == 460
    assert (await api.head(at, headers=creator)).headers["upload-offset"] == "0"
    assert (await send(api, creator, at, 0, b"y" * 100, **checked)).status_code == 204
    assert (await send(api, creator, at, 100, b"y", **{"Upload-Checksum": "crc32 AAAA"})).status_code == 400


async def test_a_file_that_is_not_the_one_that_was_told_is_refused(
    api: httpx.AsyncClient, creator: Headers, session: AsyncSession, settings: Settings
) -> None:
    picture = png(43)
    at = await begin(api, creator, len(picture), "upload-material", sha256="0" * 64)
    answer = await send(api, creator, at, 0, picture)
    assert (answer.status_code, answer.json()["title"]) == (422, "The file arrived damaged")
    await nothing_left(session, settings, at=at, sha256=hashlib.sha256(picture).hexdigest())


async def test_more_than_was_told_is_refused_with_all_that_came(
    api: httpx.AsyncClient, creator: Headers, session: AsyncSession, settings: Settings
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"x" * 60
        yield b"x" * 60

    for body in (b"x" * 120, parts()):
        at = await begin(api, creator, 100)
        headers = {**creator, **PIECE, "Upload-Offset": "0"}
        answer = await api.patch(at, content=body, headers=headers)
        assert (answer.status_code, answer.json()["title"]) == (413, "The file is larger than it said")
        await nothing_left(session, settings, at=at)


async def test_a_lost_connection_keeps_what_arrived(
    api: httpx.AsyncClient, creator: Headers, settings: Settings, film: bytes
) -> None:
    at = await begin(api, creator, len(film))
    path = settings.staging_dir / at.rpartition("/")[2]

    async def broken() -> AsyncIterator[bytes]:
        yield film[:700]
        raise receiving.UploadSlow("lost")

    with receiving.locked(path) as file, pytest.raises(receiving.UploadSlow):
        await receiving.receive(path, file, broken(), offset=0, room=len(film))
    assert (await api.head(at, headers=creator)).headers["upload-offset"] == "700"
    assert (await send(api, creator, at, 700, film[700:])).status_code == 204


async def test_who_comes_back_needs_not_wait_for_the_lost_connection(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.touch()

    arrived = asyncio.Event()

    async def silent() -> AsyncIterator[bytes]:
        yield b"x" * 10
        arrived.set()
        await asyncio.sleep(60)

    async def first() -> None:
        with receiving.locked(path) as file:
            await receiving.receive(path, file, silent(), offset=0, room=100)

    stuck = asyncio.create_task(first())
    await arrived.wait()
    with pytest.raises(receiving.UploadLocked), receiving.locked(path):
        pass
    await uploads._await_others(path)
    with receiving.locked(path):
        assert path.read_bytes() == b"x" * 10
    with pytest.raises(receiving.UploadSlow):
        await stuck


async def test_a_whole_file_that_is_no_asset_yet_lacks_its_last_byte(
    api: httpx.AsyncClient, creator: Headers, settings: Settings
) -> None:
    picture = png(44)
    at = await begin(api, creator, len(picture), "upload-material")
    (settings.staging_dir / at.rpartition("/")[2]).write_bytes(picture)  # the server stopped before it looked
    head = await api.head(at, headers=creator)
    assert head.headers["upload-offset"] == str(len(picture) - 1)
    assert (await send(api, creator, at, len(picture) - 1, picture[-1:])).status_code == 204
    assert (await api.head(at, headers=creator)).headers["upload-offset"] == str(len(picture))


async def test_an_upload_that_is_given_up_is_gone(
    api: httpx.AsyncClient, creator: Headers, session: AsyncSession, settings: Settings
) -> None:
    at = await begin(api, creator, 1000)
    await send(api, creator, at, 0, b"x" * 100)
    assert (await api.delete(at, headers=creator)).status_code == 204
    await nothing_left(session, settings, at=at)
    assert (await api.head(at, headers=creator)).status_code == 404


async def test_an_upload_is_only_its_owners(
    api: httpx.AsyncClient, creator: Headers, committed: AsyncSession, token_for: Callable[..., Headers]
) -> None:
    other = await make_person(committed, "Bo Li", roles=("creator",))
    await committed.commit()
    at = await begin(api, creator, 1000)
    foreign = {**token_for(other.id, "creator"), "Tus-Resumable": "1.0.0"}
    assert (await api.head(at, headers=foreign)).status_code == 404
    assert (await send(api, foreign, at, 0, b"x")).status_code == 404
    assert (await api.delete(at, headers=foreign)).status_code == 404
    assert (await api.head(at.replace("video", "material"), headers=creator)).status_code == 404


async def test_only_creators_upload(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Headers]
) -> None:
    person = await make_person(committed, "Cy Ng")
    await committed.commit()
    headers = {**token_for(person.id, "employee"), "Tus-Resumable": "1.0.0", "Upload-Length": "5"}
    assert (await api.post("/upload-video", headers=headers)).status_code == 403
    assert (await api.post("/upload-video", content=b"hello")).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "0"}, 400),
        ({"Upload-Length": "x"}, 400),
        ({}, 400),
        ({"Upload-Length": "10000000001"}, 413),
        ({"Upload-Length": "9" * 30}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "filename ??"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": told(sha256="no")}, 400),
        ({"Upload-Length": "5", "Tus-Resumable": "0.2"}, 412),
    ],
)
async def test_what_can_not_end_well_is_refused_at_once(
    api: httpx.AsyncClient, creator: Headers, headers: Headers, status: int
) -> None:
    answer = await api.post("/upload-video", headers={**creator, **headers})
    assert (answer.status_code, answer.headers["tus-resumable"]) == (status, "1.0.0")
    assert answer.json()["detail"]


async def test_nobody_gives_more_than_their_quota(
    api: httpx.AsyncClient, creator: Headers, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "upload_quota_bytes", 2000)
    at = await begin(api, creator, 1500)
    over = {**creator, "Upload-Length": "600"}
    answer = await api.post("/upload-material", headers=over)
    assert (answer.status_code, answer.json()["title"]) == (413, "Your space is used up")
    await api.delete(at, headers=creator)
    assert (await api.post("/upload-material", headers=over)).status_code == 201


async def test_an_abandoned_upload_expires_and_is_cleaned_up(
    api: httpx.AsyncClient, creator: Headers, session: AsyncSession, settings: Settings
) -> None:
    at = await begin(api, creator, 1000)
    stray = settings.staging_dir / str(uuid.uuid4())
    stray.touch()
    later = datetime.now(UTC) + timedelta(seconds=settings.upload_ttl_s + 60)
    engine = make_engine(settings.database_url)
    assert await uploads.drop_expired(make_sessions(engine), settings, now=datetime.now(UTC)) == 0
    assert (await api.head(at, headers=creator)).status_code == 200
    assert await uploads.drop_expired(make_sessions(engine), settings, now=later) >= 2
    await engine.dispose()
    await nothing_left(session, settings, at=at)
    assert not stray.exists()
    assert (await api.head(at, headers=creator)).status_code == 404


SCANNER = (
    '#!/bin/sh\nif grep -q EICAR "$1"; then echo "$1: Eicar-Test FOUND"; exit 1; fi\n[ ! -e "$0.away" ] || exit 2\n'
)


async def test_a_virus_scanner_refuses_or_makes_the_file_wait(
    api: httpx.AsyncClient,
    creator: Headers,
    session: AsyncSession,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command, away = tmp_path / "scan", tmp_path / "scan.away"
    command.write_text(SCANNER)
    command.chmod(0o755)
    monkeypatch.setattr(settings, "scanner_command", str(command))
    infected, clean = png(65) + b"EICAR", png(66)
    at = await begin(api, creator, len(infected), "upload-material", filename="p.png")
    refused = await send(api, creator, at, 0, infected)
    assert (refused.status_code, "Eicar-Test FOUND" in refused.json()["detail"]) == (422, True)
    await nothing_left(session, settings, at=at, sha256=hashlib.sha256(infected).hexdigest())
    away.touch()
    at = await begin(api, creator, len(clean), "upload-material", filename="p.png")
    waits = await send(api, creator, at, 0, clean)
    assert (waits.status_code, waits.headers["retry-after"]) == (503, "30")
    away.unlink()
    offset = int((await api.head(at, headers=creator)).headers["upload-offset"])
    assert (await send(api, creator, at, offset, clean[offset:])).status_code == 204

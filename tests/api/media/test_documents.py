"""Documents: what is shown in the browser, what is offered as a download, what is refused and why."""

import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.core.settings import Settings
from api.media import package_tasks
from api.media.documents import NO_OFFICE, DocumentRefused, document_arrived, find_office, pages_of, to_pdf
from api.media.models import MediaAsset
from api.media.service import store
from api.media.storage import local_copy, object_key
from tests.api.media.documents import docx, odt, pdf

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def office() -> str:
    found = find_office()
    if found is None:
        pytest.skip("LibreOffice is not on this machine (apt-get install libreoffice-writer-nogui)")
    return found


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """An address of this machine, and what was asked of it."""
    paths: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        do_OPTIONS = do_GET  # noqa: N815 (the library's name)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Listening) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/leak.png", paths
        server.shutdown()


async def arrived(session: AsyncSession, settings: Settings, path: Path, content_type: str) -> MediaAsset:
    stored = await store(session, settings, path=path, content_type=content_type)
    asset = MediaAsset(
        kind="document",
        file_name=path.name,
        content_type=content_type,
        size_bytes=path.stat().st_size,
        status="processing",
        object=stored.object,
        detail={},
    )
    session.add(asset)
    await session.flush()
    await document_arrived(session, settings, asset, path)
    return asset


async def after_job(settings: Settings, asset_id: uuid.UUID) -> MediaAsset:
    engine = make_engine(settings.database_url, pool_size=2)
    context = Context(settings, make_sessions(engine))
    await package_tasks.prepare_document(context, asset_id=str(asset_id))
    async with context.sessions() as session:
        asset = await session.get_one(MediaAsset, asset_id, options=[selectinload(MediaAsset.object)])
    await engine.dispose()
    return asset


async def test_a_pdf_is_ready_at_once_with_its_pages(session: AsyncSession, settings: Settings, tmp_path: Path) -> None:
    asset = await arrived(session, settings, pdf(tmp_path / "three.pdf"), "application/pdf")
    assert (asset.status, asset.progress_percent, asset.detail) == ("ready", 100, {"pages": 3})
    assert asset.ready_at is not None


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: pdf(path, password="secret"), "locked with a password"),
        (lambda path: path.write_bytes(b"%PDF-1.7\nnothing\n%%EOF") and path, "damaged"),
        (lambda path: path.write_bytes(pdf(path).read_bytes()[:300] + b"\n%%EOF") and path, "damaged|no page"),
        (lambda path: pdf(path, pages=0), "no page"),
    ],
)
async def test_a_pdf_that_nobody_could_read_is_refused_with_what_to_do(tmp_path: Path, make, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DocumentRefused, match=reason):
        await pages_of(make(tmp_path / "bad.pdf"))


async def test_a_pdf_that_only_must_not_be_changed_is_taken(tmp_path: Path) -> None:
    assert await pages_of(pdf(tmp_path / "owned.pdf", password="secret", owner_only=True)) == 3


async def test_a_word_document_is_shown_as_pdf(
    committed: AsyncSession, settings: Settings, tmp_path: Path, office: str
) -> None:
    asset = await arrived(committed, settings, docx(tmp_path / "Safety first.docx"), DOCX)
    assert asset.status == "processing"
    await committed.commit()
    asset = await after_job(settings, asset.id)
    assert (asset.status, asset.detail) == ("ready", {"pages": 2, "converted_from": DOCX})
    assert asset.object and (asset.object.content_type, asset.object.file_name) == (
        "application/pdf",
        "Safety first.pdf",
    )
    async with local_copy(settings, object_key(asset.object.sha256)) as made:
        assert "Working at height" in PdfReader(made).pages[0].extract_text()
    assert not list(settings.workplaces_dir.iterdir())


async def test_a_document_fetches_nothing_and_reads_nothing_of_this_machine(
    tmp_path: Path, office: str, asked: tuple[str, list[str]]
) -> None:
    (secret := tmp_path / "secret.txt").write_text("TOP SECRET")
    for number, document in enumerate(
        (docx(tmp_path / "a.docx", fetches=asked[0]), odt(tmp_path / "b.odt", reads=secret))
    ):
        (folder := tmp_path / str(number)).mkdir()
        made = await to_pdf(office, document, folder)
        text = PdfReader(made).pages[0].extract_text()
        assert "Own text" in text or "Working" in text
        assert "SECRET" not in text
    assert asked[1] == []


async def test_a_document_that_is_none_fails_with_what_to_do(
    committed: AsyncSession, settings: Settings, tmp_path: Path, office: str
) -> None:
    (broken := tmp_path / "broken.docx").write_bytes(docx(tmp_path / "good.docx").read_bytes()[:900])
    asset = await arrived(committed, settings, broken, DOCX)
    await committed.commit()
    asset = await after_job(settings, asset.id)
    assert asset.status == "failed"
    assert asset.failure and "give it as PDF" in asset.failure


async def test_without_libreoffice_a_document_is_a_download_and_says_so(
    committed: AsyncSession, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    asset = await arrived(committed, settings, docx(tmp_path / "other.docx", text="Another"), DOCX)
    await committed.commit()
    asset = await after_job(settings, asset.id)
    assert (asset.status, asset.detail) == ("ready", {"note": NO_OFFICE})
    assert asset.object and asset.object.content_type == DOCX

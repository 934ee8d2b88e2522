"""Packages: what is taken, what is refused and why, and where their files are served."""

import dataclasses
import time
import uuid
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, make_sessions
from api.core.errors import ProblemError
from api.core.jobs import Context
from api.core.settings import Settings
from api.media.manifest import Package
from api.media.models import MediaAsset
from api.media.package_files import package_prefix
from api.media.package_import import look_into, package_arrived
from api.media.package_tasks import import_package
from api.media.service import ensure_media_key, store
from tests.api.media.zips import damaged, zipped
from tests.packages import PAGE, SCORM12, TWO_PARTS


def read(tmp_path: Path, files: dict[str, str | bytes]) -> Package:
    return look_into(zipped(tmp_path / "given.zip", files), "given.zip")


@pytest.mark.parametrize(
    ("name", "standard", "launch"),
    [
        ("singlesco_scorm12", "scorm12", "shared/launchpage.html"),
        ("RuntimeBasicCalls_SCORM20043rdEdition", "scorm2004", "shared/launchpage.html"),
    ],
)
def test_real_packages_are_taken(shared_data: Path, name: str, standard: str, launch: str) -> None:
    package = look_into(shared_data / "packages" / f"{name}.zip", f"{name}.zip")
    assert (package.standard, [item.launch for item in package.items]) == (standard, [launch])
    assert package.title.startswith("Golf Explained")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("badscorm", "lies in the folder badscorm, not at the top"),
        ("invalid", "neither imsmanifest.xml"),
        ("singlescobasic_missingorg", "has no organization"),
        ("cmi5_single_au_basic_responsive", "cmi5 package, which can't be played yet"),
    ],
)
def test_real_broken_packages_are_refused_with_a_reason(shared_data: Path, name: str, reason: str) -> None:
    with pytest.raises(ProblemError, match=reason):
        look_into(shared_data / "packages" / f"{name}.zip", f"{name}.zip")


def test_several_scos_keep_their_order_parameters_and_marks(tmp_path: Path) -> None:
    package = read(tmp_path, dict(TWO_PARTS))
    one, two = package.items
    assert (package.standard, package.title) == ("scorm12", "Two parts")
    assert (one.id, one.kind, one.launch) == ("one", "asset", "one.html?from=toc")
    assert dataclasses.astuple(two) == ("two", "Part two", "two parts/two.html?x=1", "sco", 80.0, None, "level=3")


def test_thresholds_of_scorm_2004_are_read(tmp_path: Path) -> None:
    manifest = """<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:a="http://www.adlnet.org/xsd/adlcp_v1p3"
      xmlns:s="http://www.imsglobal.org/xsd/imsss"><metadata><schemaversion>CAM 1.3</schemaversion></metadata>
      <organizations><organization><title>T</title><item identifier="i" identifierref="r"><title>I</title>
      <a:completionThreshold minProgressMeasure="0.75"/><s:sequencing><s:objectives><s:primaryObjective>
      <s:minNormalizedMeasure>0.6</s:minNormalizedMeasure></s:primaryObjective></s:objectives></s:sequencing>
      </item></organization></organizations>
      <resources xml:base="content/"><resource identifier="r" a:scormType="sco" href="index.html"/></resources>
      </manifest>"""
    (item,) = read(tmp_path, {"imsmanifest.xml": manifest, "content/index.html": PAGE}).items
    assert (item.launch, item.mastery, item.completion_percent) == ("content/index.html", 60, 75)


@pytest.mark.parametrize(
    ("files", "launch"),
    [({"index.html": PAGE, "a/b.js": ""}, "index.html"), ({"course/index.htm": PAGE}, "course/index.htm")],
)
def test_a_plain_zip_of_pages_begins_at_its_index(tmp_path: Path, files: dict[str, str | bytes], launch: str) -> None:
    package = read(tmp_path, files)
    assert (package.standard, package.items[0].launch, package.title) == ("html", launch, "given")


ENTITY = '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><manifest>&x;</manifest>'


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (ENTITY, "declares entities"),
        ("<manifest", "no well-formed XML"),
        (SCORM12.replace("one.html", "gone.html"), "not in the zip"),
        (SCORM12.replace("one.html", "../../one.html/../../etc/passwd"), "not in the zip"),
        (SCORM12.replace('href="one.html"', 'href="https://example.com/x"'), "only pages inside"),
        (SCORM12.replace('href="one.html"', 'href="javascript:alert(1)"'), "not in the zip|only pages inside"),
        (SCORM12.replace('identifierref="r2"', 'identifierref="r9"'), "a resource 'r9' that it doesn't have"),
        (SCORM12.replace("identifierref", "other"), "without anything to launch"),
        (SCORM12.replace('identifier="two"', 'identifier="one"'), "two items 'one'"),
    ],
)
def test_a_manifest_that_leads_nowhere_or_elsewhere_is_refused(tmp_path: Path, manifest: str, reason: str) -> None:
    with pytest.raises(ProblemError, match=reason):
        read(tmp_path, {**TWO_PARTS, "imsmanifest.xml": manifest})


async def arrived(session: AsyncSession, settings: Settings, path: Path) -> MediaAsset:
    """As after an upload: the zip is stored, the row waits."""
    stored = await store(session, settings, path=path, content_type="application/zip")
    asset = MediaAsset(
        kind="package",
        file_name=path.name,
        content_type="application/zip",
        size_bytes=path.stat().st_size,
        status="processing",
        object_id=stored.object_id,
        detail={},
    )
    session.add(asset)
    await session.flush()
    await package_arrived(session, settings, asset, path)
    return asset


async def after_job(settings: Settings, asset_id: uuid.UUID) -> MediaAsset:
    engine = make_engine(settings.database_url, pool_size=2)
    context = Context(settings, make_sessions(engine))
    for _ in range(2):  # done twice it changes nothing
        await import_package(context, asset_id=str(asset_id))
    async with context.sessions() as session:
        asset = await session.get_one(MediaAsset, asset_id)
    await engine.dispose()
    return asset


async def test_the_job_unpacks_a_package_once_and_leaves_no_work_folder(
    committed: AsyncSession, settings: Settings, tmp_path: Path
) -> None:
    asset = await arrived(committed, settings, zipped(tmp_path / "two.zip", dict(TWO_PARTS)))
    await committed.commit()
    asset = await after_job(settings, asset.id)
    assert (asset.status, asset.failure, asset.detail["sco_count"]) == ("ready", None, 2)
    assert asset.bundle and not list(settings.workplaces_dir.iterdir())


async def test_a_damaged_package_fails_with_a_reason_and_leaves_nothing(
    committed: AsyncSession, settings: Settings, tmp_path: Path
) -> None:
    asset = await arrived(committed, settings, damaged(tmp_path / "damaged.zip"))
    await committed.commit()
    asset = await after_job(settings, asset.id)
    assert (asset.status, asset.bundle) == ("failed", None)
    assert asset.failure and "make the zip again" in asset.failure
    assert not list(settings.workplaces_dir.iterdir())


async def served(committed: AsyncSession, settings: Settings, tmp_path: Path) -> str:
    """The signed folder of a package's files."""
    files: dict[str, str | bytes] = {"index.html": PAGE, "a b/sound.mp3": b"0123456789", "x.unknown": "?"}
    asset = await arrived(committed, settings, zipped(tmp_path / "html.zip", files))
    await committed.commit()
    asset = await after_job(settings, asset.id)
    assert asset.bundle
    return package_prefix(settings, ensure_media_key(settings), asset.bundle)


async def test_files_are_served_under_the_other_name_only_with_their_types_ranges_and_rules(
    api: httpx.AsyncClient, committed: AsyncSession, settings: Settings, tmp_path: Path
) -> None:
    folder = await served(committed, settings, tmp_path)
    assert folder.startswith(f"http://localhost:{settings.api_port}/package-files/")
    page = await api.get(folder + "index.html")
    assert (page.status_code, page.headers["content-type"], page.text) == (200, "text/html; charset=utf-8", PAGE)
    policy = page.headers["content-security-policy"]
    assert f"frame-ancestors 'self' {settings.api_url}" in policy and "sandbox" not in policy
    assert "x-frame-options" not in page.headers and page.headers["x-content-type-options"] == "nosniff"
    part = await api.get(folder + "a%20b/sound.mp3", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["content-type"]) == (206, b"234", "audio/mpeg")
    again = await api.get(folder + "index.html", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    assert (await api.get(folder + "x.unknown")).headers["content-type"] == "application/octet-stream"
    own = folder.replace(settings.content_url, settings.api_url)
    assert (await api.get(own + "index.html")).status_code == 404
    assert (await api.get(own.replace("/package-files/", "/media/") + "index.html")).status_code == 403


async def test_a_link_of_a_package_can_t_be_made_up_or_kept_and_carries_no_worker(
    api: httpx.AsyncClient, committed: AsyncSession, settings: Settings, tmp_path: Path
) -> None:
    folder = await served(committed, settings, tmp_path)
    bundle = folder.split("/")[4]
    old = package_prefix(
        settings, ensure_media_key(settings), bundle, now=time.time() - settings.media_url_ttl_s - 9999
    )
    foreign = folder.replace(bundle, "0" * 64)
    for link, status in ((old, 403), (foreign, 403), (folder + "..%2F..%2F", 404), (folder + "gone", 404)):
        assert (await api.get(link + "index.html")).status_code == status, link
    worker = await api.get(folder + "index.html", headers={"Service-Worker": "script"})
    assert worker.status_code == 403


async def test_the_other_name_shows_nothing_else_and_knows_nobody(api: httpx.AsyncClient, settings: Settings) -> None:
    at = settings.content_url
    answer = await api.get(f"{at}/sign-in?next=/account")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{settings.api_url}/sign-in?next=/account")
    assert (await api.post(f"{at}/progress", json={})).status_code == 421
    assert (await api.get(f"{at}/static/packages/frame.js")).status_code == 200
    assert (await api.get(f"{at}/package-frame")).status_code == 200
    assert (await api.get(f"{settings.api_url}/package-frame")).status_code == 404


async def test_without_a_site_of_its_own_a_package_gets_one_that_is_nobodys(
    committed: AsyncSession, settings: Settings, tmp_path: Path
) -> None:
    from api.app import create_app  # noqa: PLC0415

    alone = settings.model_copy(update={"public_content_url": settings.api_url})
    folder = await served(committed, alone, tmp_path)
    app = create_app(alone)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
        page = await client.get(folder + "index.html")
    assert page.status_code == 200
    assert page.headers["content-security-policy"].endswith(
        "sandbox allow-scripts allow-forms allow-popups allow-modals"
    )

"""Packages in courses, without the upload before them; and SCORM packages as small as a test needs them."""

import zipfile
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.courses.models import Course, Module
from api.media.models import MediaAsset
from api.media.package_import import look_into, unpacked
from api.people.models import Person
from tests.api.media.zips import zipped
from tests.factories import make_course

SCORM12 = """<?xml version="1.0"?>
<manifest identifier="m" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
    xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="o"><organization identifier="o"><title>Two parts</title>
    <item identifier="one" identifierref="r1" parameters="?from=toc"><title>Part one</title></item>
    <item identifier="group"><title>Group</title>
      <item identifier="two" identifierref="r2"><title>Part two</title>
        <adlcp:masteryscore>80</adlcp:masteryscore><adlcp:datafromlms>level=3</adlcp:datafromlms></item>
    </item>
    <item identifier="hidden" identifierref="r1" isvisible="false"><title>Hidden</title></item>
  </organization></organizations>
  <resources>
    <resource identifier="r1" type="webcontent" adlcp:scormtype="asset" href="one.html"/>
    <resource identifier="r2" type="webcontent" adlcp:scormtype="sco" href="two%20parts/two.html?x=1"/>
  </resources>
</manifest>"""
PAGE = "<!doctype html><html lang=en><title>Page</title><h1>Page</h1>"
TWO_PARTS = {"imsmanifest.xml": SCORM12, "one.html": PAGE, "two parts/two.html": PAGE}


def with_organization(given: Path, path: Path) -> Path:
    """A real package without a table of contents gets one: its pages and scripts stay as they are."""
    with zipfile.ZipFile(given) as source:
        files = {info.filename: source.read(info) for info in source.infolist() if not info.is_dir()}
    contents = (
        b'<organizations default="o"><organization identifier="o"><title>Golf</title>'
        b'<item identifier="item_1" identifierref="resource_1"><title>Golf</title></item>'
        b"</organization></organizations>"
    )
    files["imsmanifest.xml"] = files["imsmanifest.xml"].replace(b"<organizations/>", contents)
    return zipped(path, dict(files))


async def package_asset(session: AsyncSession, settings: Settings, path: Path, owner: Person) -> MediaAsset:
    """Imported, ready."""
    package = look_into(path, path.name)
    asset = MediaAsset(
        owner_id=owner.id,
        kind="package",
        file_name=path.name,
        content_type="application/zip",
        size_bytes=path.stat().st_size,
        status="ready",
        progress_percent=100,
        bundle=await unpacked(session, settings, path),
        detail=package.detail,
    )
    session.add(asset)
    await session.flush()
    return asset


async def package_course(
    session: AsyncSession, owner: Person, asset: MediaAsset, *, more: tuple[Module, ...] = (), is_published: bool = True
) -> Course:
    """The package is the first module."""
    module = Module(position=1, kind="package", title="Golf", duration_s=600, media_id=asset.id)
    return await make_course(session, owner, "Golf course", modules=[module, *more], is_published=is_published)

"""Sets of files that belong together, such as a video's renditions or a package's pages, named by their contents."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.media.leftovers import hold
from api.media.models import BundleFile
from api.media.storage import bundle_key, put_file

AT_ONCE = 8
CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
    ".pdf": "application/pdf",
    ".html": "text/html; charset=utf-8",
    ".htm": "text/html; charset=utf-8",
    ".xhtml": "application/xhtml+xml",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".xml": "application/xml",
    ".xsd": "application/xml",
    ".dtd": "application/xml-dtd",
    ".txt": "text/plain; charset=utf-8",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".wasm": "application/wasm",
}
OTHER = "application/octet-stream"


def content_type_of(path: str) -> str:
    """By the name, and the same on every machine: these files are made by us or looked through before."""
    return CONTENT_TYPES.get(PurePosixPath(path).suffix.lower(), OTHER)


async def store_bundle(session: AsyncSession, settings: Settings, folder: Path) -> str:
    """Keep all files of a folder; gives the name of the set. The same files again are the same set.

    The bytes come first, then the rows that name them.
    """
    files = await asyncio.to_thread(_look_through, folder)
    bundle = hashlib.sha256("".join(f"{path}\0{sha256}\n" for path, sha256, _ in files).encode()).hexdigest()
    await hold(session, bundle)
    gate = asyncio.Semaphore(AT_ONCE)

    async def put(path: str) -> None:
        async with gate:
            await put_file(settings, bundle_key(bundle, path), folder / path)

    async with asyncio.TaskGroup() as group:
        for path, _, _ in files:
            group.create_task(put(path))
    rows = [
        {"bundle": bundle, "path": path, "content_type": content_type_of(path), "size_bytes": size, "sha256": sha256}
        for path, sha256, size in files
    ]
    if rows:
        await session.execute(insert(BundleFile).on_conflict_do_nothing(), rows)
    return bundle


def _look_through(folder: Path) -> list[tuple[str, str, int]]:
    """Path, hash and size of each file; a link is not followed out of the folder."""
    found = []
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as content:
                sha256 = hashlib.file_digest(content, "sha256").hexdigest()
            found.append((file.relative_to(folder).as_posix(), sha256, file.stat().st_size))
    return sorted(found)


async def bundle_paths(session: AsyncSession, bundle: str) -> Sequence[str]:
    """Of all files in the set."""
    statement = select(BundleFile.path).where(BundleFile.bundle == bundle).order_by(BundleFile.path)
    return (await session.scalars(statement)).all()

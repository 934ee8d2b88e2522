"""Storing files by content hash and signing the paths that deliver them."""

import asyncio
import hashlib
import hmac
import secrets
import time
from pathlib import Path
from urllib.parse import urlencode

from obstore.store import LocalStore
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core.errors import Forbidden
from api.core.secrets import keep_secret
from api.core.settings import Settings
from api.media.models import MediaAsset, MediaObject


class LinkExpired(Forbidden):
    title = "The link has expired"


def object_store(settings: Settings) -> LocalStore:
    settings.objects_dir.mkdir(parents=True, exist_ok=True)
    return LocalStore(settings.objects_dir)


def object_key(sha256: str) -> str:
    """Two levels, so that no folder holds a million files."""
    return f"{sha256[:2]}/{sha256}"


def ensure_media_key(settings: Settings) -> bytes:
    """The secret that signs delivery paths; made once an install."""
    return bytes.fromhex(keep_secret(settings.secrets_dir / "media_key", lambda: secrets.token_hex(32)))


async def store(
    session: AsyncSession,
    settings: Settings,
    *,
    path: Path,
    content_type: str,
    file_name: str | None = None,
    duration_s: float | None = None,
) -> MediaAsset:
    """Keep a file, ready to be shown as it is; the same content again is the same asset.

    The bytes come first, then the rows that name them.
    """
    sha256 = await asyncio.to_thread(_sha256, path)
    await object_store(settings).put_async(object_key(sha256), path)
    values = {
        "sha256": sha256,
        "content_type": content_type,
        "file_name": file_name or path.name,
        "size_bytes": path.stat().st_size,
        "duration_s": duration_s,
    }
    await session.execute(insert(MediaObject).values(**values).on_conflict_do_nothing(index_elements=["sha256"]))
    kept = (await session.scalars(select(MediaObject).where(MediaObject.sha256 == sha256))).one()
    asset = insert(MediaAsset).values(
        id=kept.id,
        kind=kind_of(content_type),
        status="ready",
        progress_percent=100,
        object_id=kept.id,
        ready_at=func.now(),
        **{name: getattr(kept, name) for name in ("file_name", "content_type", "size_bytes", "duration_s")},
    )
    await session.execute(asset.on_conflict_do_nothing(index_elements=["id"]))
    statement = select(MediaAsset).where(MediaAsset.id == kept.id).options(selectinload(MediaAsset.object))
    return (await session.scalars(statement)).one()


def kind_of(content_type: str) -> str:
    """Of an asset that is shown as it is."""
    family = content_type.partition("/")[0]
    return family if family in ("video", "image") else "document"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _signature(key: bytes, sha256: str, content_type: str, expires: int) -> str:
    return hmac.new(key, f"{sha256}\n{content_type}\n{expires}".encode(), hashlib.sha256).hexdigest()


def signed_path(settings: Settings, key: bytes, media: MediaObject, *, now: float | None = None) -> str:
    """A path that delivers this object until it expires; the hour is rounded, so that caches see the same path."""
    expires = (int(now or time.time()) // 3600 + 1) * 3600 + settings.media_url_ttl_s
    signature = _signature(key, media.sha256, media.content_type, expires)
    query = urlencode({"type": media.content_type, "expires": expires, "signature": signature})
    return f"/media/{media.sha256}?{query}"


def check_signature(key: bytes, *, sha256: str, content_type: str, expires: int, signature: str) -> None:
    """Raises LinkExpired or Forbidden; says nothing about whether the object exists."""
    if not hmac.compare_digest(_signature(key, sha256, content_type, expires), signature):
        raise Forbidden("The link is not one of ours: open the course again.")
    if expires < time.time():
        raise LinkExpired("Open the course again for a fresh link.")

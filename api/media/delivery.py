"""Signed, expiring links to files, such that a CDN and every learner see the same link for an hour."""

import hashlib
import hmac
import secrets
import time
from typing import Any
from urllib.parse import quote, urlencode

from api.core.errors import Forbidden
from api.core.secrets import keep_secret
from api.core.settings import Settings
from api.media.models import MediaAsset, MediaObject

HOUR_S = 3600


class LinkExpired(Forbidden):
    title = "The link has expired"


def ensure_media_key(settings: Settings) -> bytes:
    """The secret that signs delivery paths; made once an install."""
    return bytes.fromhex(keep_secret(settings.secrets_dir / "media_key", lambda: secrets.token_hex(32)))


def asset_links(settings: Settings, key: bytes, asset: MediaAsset) -> dict[str, Any]:
    """Where an asset's files are read from; what it hasn't got is None. Wants `asset.object` loaded.

    `detail` names files of the asset's bundle: `poster`, `sprites`, `hls` (the master playlist); its `captions` name
    objects by `sha256`, or files of the bundle by `path`.
    """
    base = settings.cdn_base_url or settings.api_url
    shown, detail = asset.object, asset.detail or {}

    def of_bundle(path: str | None) -> str | None:
        return base + signed_bundle_path(settings, key, asset.bundle, path) if asset.bundle and path else None

    def of_caption(caption: dict[str, Any]) -> str | None:
        if sha256 := caption.get("sha256"):
            return base + signed_object_path(settings, key, sha256, "text/vtt; charset=utf-8")
        return of_bundle(caption.get("path"))

    return {
        "url": base + signed_path(settings, key, shown) if shown else None,
        "content_type": shown.content_type if shown else asset.content_type,
        "size_bytes": shown.size_bytes if shown else asset.size_bytes,
        "poster": of_bundle(detail.get("poster")),
        "sprites": of_bundle(detail.get("sprites")),
        "captions": [
            {"language": caption["language"], "label": caption.get("label", ""), "url": of_caption(caption)}
            for caption in detail.get("captions", [])
        ],
        "hls": of_bundle(detail.get("hls")),
    }


def signed_path(settings: Settings, key: bytes, media: MediaObject, *, now: float | None = None) -> str:
    """A path that delivers this object until it expires."""
    return signed_object_path(settings, key, media.sha256, media.content_type, now=now)


def signed_object_path(
    settings: Settings, key: bytes, sha256: str, content_type: str, *, now: float | None = None
) -> str:
    expires = _expires(settings, now)
    signature = _signature(key, sha256, content_type, expires)
    query = urlencode({"type": content_type, "expires": expires, "signature": signature})
    return f"/media/{sha256}?{query}"


def signed_bundle_path(settings: Settings, key: bytes, bundle: str, path: str, *, now: float | None = None) -> str:
    """One signature opens the whole set, so that names in playlists and pages may be relative."""
    expires = _expires(settings, now)
    return f"/media/{bundle}/{expires}-{_signature(key, bundle, '', expires)}/{quote(path)}"


def check_signature(key: bytes, *, sha256: str, content_type: str, expires: int, signature: str) -> None:
    """Raises LinkExpired or Forbidden; says nothing about whether the object exists. A set's content type is empty."""
    if not hmac.compare_digest(_signature(key, sha256, content_type, expires), signature):
        raise Forbidden("The link is not one of ours: open the course again.")
    if expires < time.time():
        raise LinkExpired("Open the course again for a fresh link.")


def _expires(settings: Settings, now: float | None) -> int:
    return (int(now or time.time()) // HOUR_S + 1) * HOUR_S + settings.media_url_ttl_s


def _signature(key: bytes, sha256: str, content_type: str, expires: int) -> str:
    return hmac.new(key, f"{sha256}\n{content_type}\n{expires}".encode(), hashlib.sha256).hexdigest()

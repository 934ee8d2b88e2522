"""Signed, expiring addresses of a package's files: the signature is a folder, so relative links in a package work.

Not those of /media: a package's pages must never be answered under the name where people are signed in.
"""

import hashlib
import hmac
import time

from api.core.errors import Forbidden
from api.core.settings import Settings

HOUR_S = 3600


class PackageLinkExpired(Forbidden):
    title = "The link has expired"


def package_prefix(settings: Settings, key: bytes, bundle: str, *, now: float | None = None) -> str:
    """What an item's `launch` is put behind; the hour is rounded, so that a browser's cache sees the same address."""
    expires = (int(now or time.time()) // HOUR_S + 1) * HOUR_S + settings.media_url_ttl_s
    return f"{settings.content_url}/package-files/{bundle}/{expires}-{_signature(key, bundle, expires)}/"


def check_package_link(key: bytes, bundle: str, signed: str) -> int:
    """When the link ends; PackageLinkExpired or Forbidden, whatever there is behind it."""
    said, _, signature = signed.partition("-")
    expires = int(said)
    if not hmac.compare_digest(_signature(key, bundle, expires), signature):
        raise Forbidden("The link is not one of ours: open the course again.")
    if expires < time.time():
        raise PackageLinkExpired("Open the course again for a fresh link.")
    return expires


def _signature(key: bytes, bundle: str, expires: int) -> str:
    return hmac.new(key, f"package\n{bundle}\n{expires}".encode(), hashlib.sha256).hexdigest()

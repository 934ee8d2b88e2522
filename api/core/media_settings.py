"""Settings of files: where they are kept, from where they are delivered, how much a person may give."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic_settings import BaseSettings

STORE = re.compile(r"s3://[^/?#]+(/[^?#]*)?|file://[^?#]*|[^:?#]+")
GB = 1000**3


class MediaSettings(BaseSettings):
    """Part of Settings; docs/media.md explains each of them."""

    home: Path
    objects_url: str | None = None
    """A folder, or s3://bucket/prefix; `objects` in the home where nothing is said."""
    delivery_url: str | None = None
    """Where published files are delivered from; beside the objects where nothing is said."""
    s3_endpoint: str | None = None
    """Of a store that isn't Amazon's."""
    s3_key: str | None = None
    s3_secret: str | None = None
    s3_region: str = "us-east-1"
    cdn_base_url: str | None = None
    """Address of a CDN in front of /media; links to files start with it."""
    media_url_ttl_s: int = 6 * 3600
    uploads_dir: Path | None = None
    """Where uploads arrive, one file each; shared by all servers. `uploads` in the home where nothing is said."""
    upload_max_bytes: int = 10 * GB
    upload_quota_bytes: int = 200 * GB
    """Of one person's files together, those that are still arriving included."""
    upload_ttl_s: int = 2 * 86400
    """An upload that nobody goes on with is dropped after so long."""
    scanner_command: str = ""
    """Called with the path of each file that arrived: 0 clean, 1 infected, anything else: not available."""

    @property
    def objects_store(self) -> str:
        """Address of the store that holds every file."""
        return _store("PRAXIS_OBJECTS_URL", self.objects_url) or str(self.home / "objects")

    @property
    def delivery_store(self) -> str:
        """Address of the store that published files are copied to."""
        told = _store("PRAXIS_DELIVERY_URL", self.delivery_url)
        beside = f"{self.objects_store.rstrip('/')}-delivery" if "://" in self.objects_store else None
        return told or beside or str(self.home / "delivery")

    @property
    def staging_dir(self) -> Path:
        return self.uploads_dir or self.home / "uploads"

    @property
    def media_origins(self) -> list[str]:
        """Origins beside our own that pages load files from, for their Content-Security-Policy."""
        parts = urlsplit(self.cdn_base_url or "")
        return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def _store(name: str, told: str | None) -> str | None:
    if told and not STORE.fullmatch(told):
        raise ValueError(f"{name}: {told!r} is no store; write a folder, or s3://bucket/prefix.")
    return told or None

"""Videos made with ffmpeg, and assets of them."""

import hashlib
import subprocess
import uuid
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.media.ffmpeg import find_ffmpeg
from api.media.models import MediaAsset, MediaObject
from api.media.storage import object_key, put_file

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def ffmpeg(*arguments: str) -> None:
    subprocess.run((find_ffmpeg()[0], "-v", "error", "-y", *arguments), check=True, capture_output=True)


def make_video(
    path: Path, *options: str, size: str = "854x480", rate: str = "30", seconds: float = 5, sound: bool = True
) -> Path:
    """Moving bars with a quiet tone; `options` are ffmpeg's, for the output."""
    tone = ("-f", "lavfi", "-i", f"sine=f=440:d={seconds},volume=0.1") if sound else ()
    picture = ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}")
    ffmpeg(*picture, *tone, *(options or X264), "-c:a", "aac", str(path))
    return path


async def keep_video(
    session: AsyncSession, settings: Settings, path: Path, *, owner_id: uuid.UUID | None = None
) -> MediaAsset:
    """As intake leaves it: stored, its row there, being processed."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    await put_file(settings, object_key(sha256), path)
    shown = {"content_type": "video/mp4", "file_name": path.name, "size_bytes": path.stat().st_size}
    asset = MediaAsset(owner_id=owner_id, kind="video", status="processing", progress_percent=0, **shown)
    asset.object = MediaObject(sha256=sha256, **shown)
    session.add(asset)
    await session.flush()
    return asset

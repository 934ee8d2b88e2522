"""Small real files, made once a run: clips by ffmpeg, a PDF, pictures, an Office file, a package."""

import io
import subprocess
import zipfile
from functools import cache
from pathlib import Path

import imageio_ffmpeg
from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def ffmpeg(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-threads", "1", *arguments]
    subprocess.run(command, check=True, timeout=60)


def make_clip(path: Path, *, seconds: int = 2, size: str = "320x180", sound: bool = True, picture: bool = True) -> Path:
    inputs = ["-f", "lavfi", "-i", f"testsrc=size={size}:rate=10:duration={seconds}"] if picture else []
    inputs += ["-f", "lavfi", "-i", f"sine=duration={seconds}"] if sound else []
    ffmpeg(*inputs, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-movflags", "+faststart", str(path))
    return path


@cache
def clip(folder: Path) -> bytes:
    """Two seconds with sound, about 40 kB."""
    return make_clip(folder / "clip.mp4").read_bytes()


def png(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def docx(macro: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in filter(None, ("[Content_Types].xml", "word/document.xml", macro)):
            archive.writestr(name, "<x/>")
    return out.getvalue()

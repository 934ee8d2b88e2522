"""Which ffmpeg works here: the machine's own, or the binary that came with the environment."""

import shutil
from functools import lru_cache
from pathlib import Path

from api.core.errors import Unavailable

ORIGINS = ("on the PATH", "from the environment (imageio-ffmpeg)")


class NoFfmpeg(Unavailable):
    title = "No ffmpeg"


@lru_cache(maxsize=1)
def find_ffmpeg() -> tuple[str, str]:
    """(path, where it comes from); NoFfmpeg where there is none, such as on a machine without a wheel of it."""
    if found := shutil.which("ffmpeg"):
        return found, ORIGINS[0]
    try:
        import imageio_ffmpeg  # noqa: PLC0415  (only those who transcode pay for it)

        path = imageio_ffmpeg.get_ffmpeg_exe()
        return str(Path(path)), ORIGINS[1]
    except (ImportError, RuntimeError) as error:
        raise NoFfmpeg("There is no ffmpeg on this machine: install it (`apt-get install ffmpeg`).") from error

"""What is in a video file, found by a process with limits, because the file is not to be trusted.

`python -m api.media.footage FILE` prints it as JSON; only that process loads PyAV.
"""

import re
import sys
from pathlib import Path

import msgspec

from api.media.programs import GB, Limits, run

LIMITS = Limits(cpu_s=30, memory_bytes=4 * GB, file_bytes=1024 * 1024, nice=10)
TIMEOUT_S = 90
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg"


class Probed(msgspec.Struct, frozen=True):
    """Sizes as shown: turned and with square pixels. `duration_s` is what the file says, 0 where it says none."""

    width: int
    height: int
    duration_s: float
    frame_rate: tuple[int, int]
    audio_streams: int
    codec: str = ""
    is_hdr: bool = False


class Unreadable(Exception):
    """Why this is no video, in words for its owner."""


async def probe(path: Path) -> Probed:
    """Unreadable where there is no picture to show, or where reading it takes too long."""
    lines: list[str] = []
    try:
        ended = await run([sys.executable, "-m", __name__, str(path)], LIMITS, timeout_s=TIMEOUT_S, told=lines.append)
    except TimeoutError:
        raise Unreadable("it takes too long to read") from None
    if ended.code == 0 and lines:
        return msgspec.json.decode(lines[-1], type=Probed)
    reason = ended.complaints[-1] if ended.code == 1 and ended.complaints else "its contents crash the reader"
    raise Unreadable(reason)


def look_at(path: str) -> Probed:
    """In this process: reads the first picture too, because it alone says how it is turned."""
    import av  # noqa: PLC0415

    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    with av.open(f"file:{path}", options=options) as container:
        cover = av.stream.Disposition.attached_pic
        videos = [stream for stream in container.streams.video if not stream.disposition & cover]
        if not videos:
            raise ValueError("it has no picture, only sound" if container.streams.audio else "it has no video")
        video = videos[0]
        frame = next(container.decode(video), None)
        if frame is None:
            raise ValueError("not one picture of it can be read")
        aspect = float(video.sample_aspect_ratio or 1)
        width, height = round(frame.width * aspect), frame.height
        if frame.rotation % 180:
            width, height = height, width
        duration = container.duration / av.time_base if container.duration else 0.0
        rate = _rate(video.base_rate, video.average_rate)
        return Probed(
            width,
            height,
            duration,
            rate,
            len(container.streams.audio),
            video.codec_context.name,
            int(video.codec_context.color_trc) in HDR,
        )


HDR = (16, 18)
"""SMPTE 2084 and HLG."""


def _rate(base: object, average: object) -> tuple[int, int]:
    """The rate that all its pictures fit into, where that is a sensible one; else how many there are on average."""
    for rate in (base, average):
        if rate and 1 <= float(rate) <= 60:  # type: ignore[arg-type]
            return rate.numerator, rate.denominator  # type: ignore[attr-defined]
    return (60, 1) if average and float(average) > 60 else (25, 1)  # type: ignore[arg-type]


if __name__ == "__main__":
    try:
        sys.stdout.write(msgspec.json.encode(look_at(sys.argv[1])).decode() + "\n")
    except Exception as error:  # whatever the reader says of it is the finding
        said = re.sub(r"^\[Errno \d+\] ", "", str(error).partition(": '")[0]).splitlines()
        sys.exit(said[0] if said else type(error).__name__)

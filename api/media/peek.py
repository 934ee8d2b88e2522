"""Looks into a file that somebody gave; runs as a process of its own, which may use little and write nothing.

Writes one JSON object: `kind`, `content_type` and facts, or `refused` with a sentence for who gave the file.
"""

import json
import resource
import sys
import zipfile
from pathlib import Path
from typing import Any

CPU_S, MEMORY = 30, 3 * 1024**3
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts"
MOST_PIXELS, MOST_HOURS = 4096 * 2304, 4
MOST_IMAGE_PIXELS, MOST_IMAGE_SIDE, MOST_FRAMES = 50_000_000, 12_000, 500
MOST_ENTRIES = 50_000
CONTAINERS = {"webm": "video/webm", "avi": "video/x-msvideo", "mpegts": "video/mp2t"}
PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."


class Refused(Exception):
    pass


def look(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        head = file.read(4096)
    if b"%PDF-" in head[:1024]:
        return _pdf(path)
    if head.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return _picture(path)
    if head.startswith(b"PK"):
        return _zip(path)
    if _may_be_video(head):
        return _video(path)
    raise Refused(_why_not(head))


def _may_be_video(head: bytes) -> bool:
    is_mp4 = head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
    is_avi = head[:4] == b"RIFF" and head[8:12] == b"AVI "
    is_ts = len(head) > 376 and head[0] == head[188] == head[376] == 0x47
    return is_mp4 or is_avi or is_ts or head.startswith(b"\x1aE\xdf\xa3")


def _why_not(head: bytes) -> str:
    """What the file seems to be instead, and what to do."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    sound = head.startswith((b"ID3", b"OggS", b"fLaC", b"\xff\xfb", b"\xff\xf3")) or head[8:12] == b"WAVE"
    reasons = (
        (not head, "The file is empty."),
        (text.startswith((b"#EXTM3U", b"ffconcat", b"[playlist]")), "This is a playlist: give the video itself."),
        (text.startswith(b"WEBVTT") or b" --> " in head, "These are captions: add them to their video."),
        (text[:1] == b"<", "Pages and drawings (HTML, SVG, XML) are taken as a zip package only."),
        (sound, "This file has sound only: make a video of it."),
        (
            head.startswith(OLD_OFFICE),
            "This is an old or locked Office file: save it as .docx, .pptx, .xlsx or PDF.",
        ),
        (b"\0" not in head, "This is text, whatever its name says: not a video, document, picture or package."),
    )
    other = "This kind of file isn't known: give MP4, MOV, WebM, MKV, PDF, Office, PNG, JPEG, WebP, GIF or zip."
    return next((reason for is_so, reason in reasons if is_so), other)


def _pdf(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65536))
        if b"%%EOF" not in file.read():
            raise Refused("The PDF is cut off: its end is missing. Export it again.")
    return {"kind": "document", "content_type": "application/pdf"}


def _picture(path: Path) -> dict[str, Any]:
    """Each frame is decoded once: a file that is cut off, or isn't what it says, fails here and not at a learner's."""
    import warnings  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415

    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # looked at before anything is decoded
    try:
        with Image.open(path, formats=list(PICTURES)) as image:
            width, height = image.size
            if width * height > MOST_IMAGE_PIXELS or max(width, height) > MOST_IMAGE_SIDE:
                raise Refused(f"The picture has {width} x {height} points: make it smaller than 50 million.")
            frames = getattr(image, "n_frames", 1)
            if frames > MOST_FRAMES:
                raise Refused(f"The picture moves for {frames} frames: give it as a video.")
            for frame in range(frames):
                image.seek(frame)
                image.load()
            content_type = PICTURES[image.format or ""]
    except (OSError, SyntaxError, ValueError, EOFError):
        raise Refused("The picture is damaged or cut off: save it again.") from None
    return {"kind": "image", "content_type": content_type, "width": width, "height": height}


def _zip(path: Path) -> dict[str, Any]:
    """Only the list of what is inside; packages are looked through when they are unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise Refused(f"The zip holds more than {MOST_ENTRIES:,} files.")
            names = {entry.filename for entry in entries}
            first = entries[0] if entries else None
            is_open = first and first.filename == "mimetype" and first.file_size < 200
            told = archive.read(first).decode("ascii", "replace") if first and is_open else ""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        raise Refused("The zip file is damaged or cut off: make it again.") from None
    if not names:
        raise Refused("The zip file is empty.")
    if any(name.rsplit("/", 1)[-1].lower().startswith("vbaproject") for name in names):
        raise Refused("The document has macros: save it without them.")
    if told.startswith(OPEN_DOCUMENT):
        return {"kind": "document", "content_type": told}
    if "[Content_Types].xml" in names:
        for folder, content_type in OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return {"kind": "document", "content_type": content_type}
    return {"kind": "package", "content_type": "application/zip"}


def _video(path: Path) -> dict[str, Any]:
    import av  # noqa: PLC0415

    av.logging.set_level(av.logging.PANIC)
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        with av.open(f"file:{path}", options=options, metadata_errors="replace") as container:
            return _facts(container, path)
    except (av.FFmpegError, EOFError, ValueError):
        raise Refused("This is no video that can be read, or it is cut off: export it again as MP4 (H.264).") from None


def _facts(container: Any, path: Path) -> dict[str, Any]:
    import av  # noqa: PLC0415

    cover = av.stream.Disposition.attached_pic
    films = [stream for stream in container.streams.video if not stream.disposition & cover]
    if not len(container.streams):
        raise Refused("There is nothing in this file that can be played, or it is cut off: export it again.")
    if not films:
        raise Refused("There is no picture in this file, only sound: make a video of it.")
    film = films[0]
    width, height = film.width, film.height
    if not width or not height:
        raise Refused("The video has no size: export it again.")
    if width * height > MOST_PIXELS or max(width, height) > 8192:
        raise Refused(f"The video has {width} x {height} points: export it with 3840 x 2160 at most.")
    duration = _duration(container, film)
    if duration <= 0:
        raise Refused("The length of the video can't be told: export it again as MP4.")
    if duration > MOST_HOURS * 3600:
        raise Refused(f"The video lasts {duration / 3600:.1f} hours: cut it into parts of {MOST_HOURS} at most.")
    if next(container.decode(film), None) is None:
        raise Refused("The video holds no picture that can be read: export it again.")
    _check_end(container, film, duration, path.stat().st_size)
    content_type = next((told for mark, told in CONTAINERS.items() if mark in container.format.name), "video/mp4")
    return {
        "kind": "video",
        "content_type": content_type,
        "width": width,
        "height": height,
        "duration_s": round(duration, 3),
        "has_sound": bool(container.streams.audio),
        "codec": film.codec_context.name,
    }


def _duration(container: Any, film: Any) -> float:
    if container.duration:
        return float(container.duration / 1_000_000)
    return float(film.duration * film.time_base) if film.duration else 0.0


def _check_end(container: Any, film: Any, duration: float, size: int) -> None:
    """A file that was cut off still tells its whole length: so what is there near the end is looked at."""
    told = (entry for stream in container.streams for entry in getattr(stream, "index_entries", ()))
    if any(entry.pos + entry.size > size for entry in told):
        raise Refused("The video is cut off: its last part is missing. Upload it again.")
    start = float((film.start_time or 0) * film.time_base)
    container.seek(int((start + max(0.0, duration - 3)) / film.time_base), stream=film, backward=True)
    reached = start
    for packet in container.demux(film):
        if packet.pts is not None and packet.size:
            if packet.pos is not None and packet.pos + packet.size > size:
                break
            reached = max(reached, float((packet.pts + (packet.duration or 0)) * film.time_base))
    if reached - start < duration - max(2.0, duration * 0.03):
        raise Refused(f"The video is cut off after {reached - start:.0f} of {duration:.0f} seconds: upload it again.")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told = look(Path(sys.argv[1]))
    except Refused as refused:
        told = {"refused": str(refused)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()

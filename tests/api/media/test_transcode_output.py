"""What a video becomes, looked at from outside (PyAV): sizes, keyframes, sound, previews."""

import itertools
from pathlib import Path
from typing import Any

import av
import pytest

from api.core.settings import Settings
from api.media.transcode import Progress, transcode
from tests.api.media.transcode_help import ffmpeg, make_video


async def report(_: Progress) -> None:
    return None


async def made(tmp_path: Path, source: Path) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path / "out"
    folder.mkdir()
    detail = await transcode(Settings(home=tmp_path), source, folder, report)
    return folder, detail


def whole(folder: Path, name: str) -> Path:
    """A rendition in one file, as a player puts it together."""
    playlist = (folder / name / "index.m3u8").read_text()
    init = playlist.partition('URI="')[2].partition('"')[0]
    parts = [init, *(line for line in playlist.splitlines() if line.endswith(".m4s"))]
    path = folder / f"{name}.mp4"
    path.write_bytes(b"".join((folder / name / part).read_bytes() for part in parts))
    return path


def segments(folder: Path, name: str) -> list[float]:
    lines = (folder / name / "index.m3u8").read_text().splitlines()
    return [float(line[8:].rstrip(",")) for line in lines if line.startswith("#EXTINF")]


def keyframes(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        found = [packet for packet in container.demux(video) if packet.is_keyframe and packet.pts is not None]
        return [round(float(packet.pts * video.time_base), 2) for packet in found]


def pictures(path: Path) -> tuple[int, int, str, set[float]]:
    """Width, height, pixel format, and the distances between pictures."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        times = [frame.time for frame in frames]
        steps = {round(b - a, 3) for a, b in itertools.pairwise(times)}
        return frames[0].width, frames[0].height, frames[0].format.name, steps


async def test_a_large_video_becomes_three_sizes_with_keyframes_at_the_same_four_seconds(tmp_path: Path) -> None:
    folder, detail = await made(tmp_path, make_video(tmp_path / "hd.mp4", size="1920x1080", rate="10", seconds=5))
    assert [one["name"] for one in detail["renditions"]] == ["1080", "720", "480"]
    assert detail["duration_s"] == pytest.approx(5, abs=0.1)
    for name, size in {"1080": (1920, 1080), "720": (1280, 720), "480": (854, 480)}.items():
        path = whole(folder, name)
        assert pictures(path)[:3] == (*size, "yuv420p")
        assert keyframes(path) == [0.0, 4.0]
        assert segments(folder, name) == pytest.approx([4, 1])
    with av.open(str(whole(folder, "audio"))) as container:
        assert not container.streams.video
        assert container.streams.audio[0].codec_context.channels == 2
    master = (folder / "master.m3u8").read_text()
    assert master.count("#EXT-X-STREAM-INF") == 4, "one of sound alone"
    assert "audio/index.m3u8" in master
    with av.open(str(folder / "poster.jpg")) as poster:
        assert poster.streams.video[0].width == 1280
    cues = (folder / "sprites.vtt").read_text()
    assert "00:00:04.000 --> 00:00:05.000\nsprites/0001.jpg#xywh=320,0,160,90" in cues
    with av.open(str(folder / "sprites" / "0001.jpg")) as sheet:
        assert (sheet.streams.video[0].width, sheet.streams.video[0].height) == (480, 90)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("854x480", {"480": (854, 480)}),
        ("322x182", {"182": (322, 182)}),
        ("406x720", {"406": (406, 720)}),
        ("720x1280", {"720": (720, 1280), "480": (480, 854)}),
    ],
)
async def test_nothing_is_made_larger_and_a_portrait_goes_by_its_width(
    tmp_path: Path, size: str, expected: dict[str, tuple[int, int]]
) -> None:
    folder, _ = await made(tmp_path, make_video(tmp_path / "a.mp4", size=size, seconds=1))
    names = [path.parent.name for path in folder.glob("[0-9]*/index.m3u8")]
    assert {name: pictures(whole(folder, name))[:2] for name in names} == expected


async def test_a_silent_video_has_no_sound_and_odd_sizes_become_even(tmp_path: Path) -> None:
    odd = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")
    folder, detail = await made(tmp_path, make_video(tmp_path / "a.mkv", *odd, size="481x361", seconds=1, sound=False))
    assert not detail["has_audio"]
    assert "audio" not in (folder / "master.m3u8").read_text().lower()
    assert not (folder / "audio").exists()
    assert pictures(whole(folder, "360"))[:3] == (480, 360, "yuv420p")


async def test_ten_bits_and_a_changing_rate_become_eight_bits_and_a_constant_one(tmp_path: Path) -> None:
    hevc = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=error")
    vfr = ("-vf", "select='if(lt(t,1),not(mod(n,3)),1)'", "-fps_mode", "vfr")
    folder, detail = await made(tmp_path, make_video(tmp_path / "a.mp4", *vfr, *hevc, size="320x180", seconds=2))
    _, _, pixels, steps = pictures(whole(folder, "180"))
    assert pixels == "yuv420p"
    assert max(steps) - min(steps) < 0.002, "the same distance between all pictures"
    assert detail["frame_rate"] == 30


async def test_a_turned_video_is_turned_for_good(tmp_path: Path) -> None:
    flat = make_video(tmp_path / "flat.mp4", size="854x480", seconds=1)
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", str(flat), "-c", "copy", str(turned))
    folder, detail = await made(tmp_path, turned)
    assert (detail["width"], detail["height"]) == (480, 854)
    with av.open(str(whole(folder, "480"))) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (480, 854, 0)

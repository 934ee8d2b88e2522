"""What becomes of a video, decided from its size, rate and length: renditions, ffmpeg's arguments, texts beside them.

Pure: nothing is read or run here.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

RUNGS = ((1080, 22, 5_000), (720, 22, 2_800), (480, 23, 1_400))
"""Short side in pixels, quality (CRF), most kbit/s. A source below all of them keeps its size."""

SEGMENT_S = 4
AUDIO_KBIT = 128
LOUDNESS = {"I": -16.0, "TP": -1.5, "LRA": 11.0}
"""Integrated LUFS, true peak dB, range LU; what streaming services converge on."""

THUMB = 160
GRID = 10
POSTER = 1280
HDR_TO_SDR = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv"


@dataclass(frozen=True, slots=True)
class Source:
    """Sizes as shown: turned, with square pixels."""

    width: int
    height: int
    duration_s: float
    frame_rate: Fraction
    has_audio: bool
    is_hdr: bool = False


@dataclass(frozen=True, slots=True)
class Rendition:
    """`name` is its short side, and its folder."""

    name: str
    width: int
    height: int
    crf: int
    kbit: int


@dataclass(frozen=True, slots=True)
class Loudness:
    """As ebur128 measured it."""

    i: float
    lra: float
    peak: float
    threshold: float

    @property
    def is_silent(self) -> bool:
        return self.i <= -69 or not math.isfinite(self.peak)


@dataclass(frozen=True, slots=True)
class Plan:
    source: Source
    renditions: tuple[Rendition, ...]
    thumb_every_s: int
    thumbs: int
    thumb: tuple[int, int]
    grid: tuple[int, int]
    """Columns and rows of a sheet of previews."""


def make_plan(source: Source) -> Plan:
    every = 2 if source.duration_s <= 200 else 5 if source.duration_s <= 1200 else 10
    frame_s = float(1 / source.frame_rate)
    thumbs = max(1, math.floor(max(0.0, source.duration_s - frame_s) / every) + 1)
    grid = (min(GRID, thumbs), min(GRID, math.ceil(thumbs / GRID)))
    thumb = _fit(source, long_side=THUMB)
    return Plan(source, renditions(source.width, source.height), every, thumbs, thumb, grid)


def renditions(width: int, height: int) -> tuple[Rendition, ...]:
    """From the largest down, never larger than the source; the short side counts (a portrait is as good as wide)."""
    short = min(width, height)
    rungs = [rung for rung in RUNGS if rung[0] <= short] or [(_even(short), *RUNGS[-1][1:])]
    return tuple(
        Rendition(str(side), _scaled(width, side, short), _scaled(height, side, short), crf, kbit)
        for side, crf, kbit in rungs
    )


def _scaled(pixels: int, side: int, short: int) -> int:
    return max(2, round(pixels * side / short / 2) * 2)


def _even(pixels: int) -> int:
    """H.264 in 4:2:0 has no odd sizes; smaller, never larger."""
    return max(2, pixels - pixels % 2)


def _fit(source: Source, *, long_side: int) -> tuple[int, int]:
    scale = min(1.0, long_side / max(source.width, source.height))
    return _even(round(source.width * scale)), _even(round(source.height * scale))


def measuring(ffmpeg: str, source: Path) -> list[str]:
    """How loud it is, said on stderr: about 200 times faster than it plays."""
    head = [*_head(ffmpeg, "info"), *PROGRESS, "-protocol_whitelist", "file", "-i", f"file:{source}", "-map", "0:a:0"]
    return [*head, "-af", f"{STEREO},ebur128=peak=true:framelog=quiet", "-f", "null", "-"]


PROGRESS = ("-progress", "pipe:1", "-stats_period", "0.5", "-nostats")
STEREO = "aformat=channel_layouts=stereo:sample_rates=48000"


def transcoding(
    ffmpeg: str, source: Path, folder: Path, plan: Plan, loudness: Loudness | None, threads: int
) -> list[str]:
    """Everything in one pass: decoded once, scaled down once to each size, keyframes at the same pictures."""
    video = [arg for k, _ in enumerate(plan.renditions) for arg in ("-map", f"[v{k}]")]
    audio = ["-map", "[au]", "-c:a", "aac", "-b:a", f"{AUDIO_KBIT}k", "-ac", "2"] if plan.source.has_audio else []
    poster_at = min(5.0, plan.source.duration_s / 10)
    return [
        *_head(ffmpeg, "error"),
        *PROGRESS,
        *("-protocol_whitelist", "file", "-threads", str(threads), "-i", f"file:{source}"),
        *("-filter_complex_threads", str(threads), "-filter_complex", _filters(plan, loudness, poster_at)),
        *video,
        *("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p"),
        *(
            "-threads:v",
            str(threads),
            "-sc_threshold",
            "0",
            "-g",
            str(math.ceil(plan.source.frame_rate * SEGMENT_S * 2)),
        ),
        *("-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_S})"),
        *_quality(plan),
        *audio,
        *("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        *("-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"),
        *("-avoid_negative_ts", "disabled"),  # picture and sound begin at 0, told by edit lists; else both come later
        *("-hls_flags", "independent_segments", "-hls_list_size", "0", "-master_pl_name", "master.m3u8"),
        *("-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", f"{folder}/%v/%05d.m4s"),
        *("-var_stream_map", _streams(plan), f"{folder}/%v/index.m3u8"),
        *("-map", "[poster]", "-frames:v", "1", "-q:v", "3", "-update", "1", "-f", "image2", f"{folder}/poster.jpg"),
        *("-map", "[thumbs]", "-fps_mode:v", "passthrough", "-q:v", "2", "-f", "image2", f"{folder}/thumbs/%05d.jpg"),
    ]


def tiling(ffmpeg: str, folder: Path, plan: Plan) -> list[str]:
    """Previews to sheets. Not in the one pass: ffmpeg tells how far it is by its slowest output, a sheet by its end."""
    tile = f"tile={plan.grid[0]}x{plan.grid[1]}"
    head = [*_head(ffmpeg, "error"), "-f", "image2", "-framerate", "1", "-i", f"{folder}/thumbs/%05d.jpg"]
    return [*head, "-vf", tile, "-q:v", "5", "-f", "image2", f"{folder}/sprites/%04d.jpg"]


def _head(ffmpeg: str, level: str) -> list[str]:
    return [ffmpeg, "-hide_banner", "-v", level, "-nostdin", "-y"]


def _quality(plan: Plan) -> list[str]:
    return [
        arg
        for k, one in enumerate(plan.renditions)
        for arg in (
            *(f"-crf:v:{k}", str(one.crf), f"-maxrate:v:{k}", f"{one.kbit}k", f"-bufsize:v:{k}", f"{2 * one.kbit}k"),
        )
    ]


def _streams(plan: Plan) -> str:
    """Of ffmpeg's HLS muxer: which streams make a variant, and its folder."""
    group = ",agroup:sound" if plan.source.has_audio else ""
    videos = [f"v:{k}{group},name:{one.name}" for k, one in enumerate(plan.renditions)]
    return " ".join([*videos, *(["a:0,agroup:sound,default:yes,name:audio"] if plan.source.has_audio else [])])


def _filters(plan: Plan, loudness: Loudness | None, poster_at: float) -> str:
    """A constant rate and square pixels first; then each smaller picture from the largest one."""
    top, rate = plan.renditions[0], plan.source.frame_rate
    count = len(plan.renditions)
    heads = "".join(f"[s{k}]" for k in range(count))
    first = f"scale={top.width}:{top.height}:flags=bicubic,setsar=1"
    hdr = f"{HDR_TO_SDR}," if plan.source.is_hdr else ""
    chains = [f"[0:v:0]{first},{hdr}fps={rate},format=yuv420p,split={count + 2}{heads}[p][t]"]
    for k, one in enumerate(plan.renditions):
        chains.append(f"[s{k}]{'null' if k == 0 else f'scale={one.width}:{one.height}:flags=bicubic,setsar=1'}[v{k}]")
    poster = _fit(plan.source, long_side=min(POSTER, max(top.width, top.height)))
    chains.append(f"[p]select='gte(t,{poster_at:.3f})',scale={poster[0]}:{poster[1]},setsar=1[poster]")
    every = f"isnan(prev_selected_t)+gte(t-prev_selected_t,{plan.thumb_every_s})"
    chains.append(f"[t]select='{every}',scale={plan.thumb[0]}:{plan.thumb[1]},setsar=1[thumbs]")
    if plan.source.has_audio:
        chains.append(f"[0:a:0]{STEREO}{_loudnorm(loudness)}[au]")
    return ";".join(chains)


def _loudnorm(loudness: Loudness | None) -> str:
    """The same gain for the whole, as far as its peaks allow; silence stays silence."""
    if loudness is None or loudness.is_silent:
        return ""
    target = {**LOUDNESS, "LRA": min(50.0, max(LOUDNESS["LRA"], loudness.lra))}
    measured = {
        "measured_I": max(-99.0, min(0.0, loudness.i)),
        "measured_LRA": min(99.0, max(0.1, loudness.lra)),
        "measured_TP": max(-99.0, min(99.0, loudness.peak)),
        "measured_thresh": max(-99.0, min(0.0, loudness.threshold)),
    }
    told = ":".join(f"{name}={value:.2f}" for name, value in (target | measured).items())
    return f",loudnorm=linear=true:{told},{STEREO}"


def thumbnails_vtt(plan: Plan) -> str:
    """Which part of which sheet shows which seconds: what players read for previews."""
    columns, rows = plan.grid
    width, height = plan.thumb
    lines = ["WEBVTT", ""]
    for n in range(plan.thumbs):
        start = n * plan.thumb_every_s
        end = start + plan.thumb_every_s if n < plan.thumbs - 1 else max(plan.source.duration_s, start + 0.001)
        sheet, place = divmod(n, columns * rows)
        x, y = place % columns * width, place // columns * height
        lines += [f"{_clock(start)} --> {_clock(end)}"]
        lines += [f"sprites/{sheet + 1:04d}.jpg#xywh={x},{y},{width},{height}", ""]
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3600000:02d}:{whole // 60000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"


def master_playlist(made: str, plan: Plan) -> str:
    """ffmpeg's, with the rate told and a variant of sound alone, for a line too thin for any picture."""
    lines = []
    for line in made.splitlines():
        if line.startswith("#EXT-X-MEDIA:"):
            line = re.sub(r'NAME="[^"]*"', 'NAME="Audio"', line)  # noqa: PLW2901
        if line.startswith("#EXT-X-STREAM-INF:"):
            line += f",FRAME-RATE={float(plan.source.frame_rate):.3f}"  # noqa: PLW2901
        if line:
            lines.append(line)
    if plan.source.has_audio:
        rate = round(AUDIO_KBIT * 1000 * 1.1)
        lines += [f'#EXT-X-STREAM-INF:BANDWIDTH={rate},CODECS="mp4a.40.2",AUDIO="group_sound"', "audio/index.m3u8"]
    return "\n".join(lines) + "\n"


def playlist_duration_s(playlist: str) -> float:
    """Of all segments together."""
    return sum(float(line[8:].rstrip(",")) for line in playlist.splitlines() if line.startswith("#EXTINF:"))

"""Makes the films and sheets of `data/demo/files` from the sources here: `python -m data.demo.media.make`.

Needs ffmpeg. The results are committed, so that loading the demo company doesn't need it.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import typst

from data.demo.company import FILES, read_yaml

HERE = Path(__file__).parent
FONTS = HERE.parents[2] / "api" / "learning" / "assets"
CARD_S, FADE_S = 10.0, 0.5
CHORD = (110.0, 164.81, 220.0, 277.18)


def make_film(name: str, board: dict[str, Any]) -> None:
    """H.264 and AAC with the index in front, so that a browser plays while it loads."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = [_picture(Path(folder), board, number) for number in range(1, len(board["cards"]) + 1)]
        inputs = [arg for path in pictures for arg in _input(path)]
        run = [
            "ffmpeg",
            "-y",
            "-loglevel",
            "error",
            *inputs,
            "-filter_complex",
            _filters(len(pictures), board["accent"]),
        ]
        video = [
            "-c:v",
            "libx264",
            "-preset",
            "slow",
            "-tune",
            "stillimage",
            "-crf",
            "30",
            "-pix_fmt",
            "yuv420p",
            "-r",
            "15",
            "-g",
            "75",
        ]
        audio = ["-c:a", "aac", "-b:a", "28k", "-ac", "1"]
        length = ["-t", str(CARD_S * len(pictures)), "-movflags", "+faststart", "-fflags", "+bitexact"]
        subprocess.run([*run, "-map", "[v]", "-map", "[a]", *video, *audio, *length, FILES / f"{name}.mp4"], check=True)


def _picture(folder: Path, board: dict[str, Any], number: int) -> Path:
    cards = board["cards"]
    card = {"accent": board["accent"], "lines": cards[number - 1], "number": number, "count": len(cards)}
    path = folder / f"{number}.png"
    inputs = {"card": json.dumps(card)}
    typst.compile(HERE / "card.typ", output=path, ppi=144, font_paths=[FONTS], sys_inputs=inputs)
    return path


def _input(path: Path) -> list[str]:
    return ["-loop", "1", "-framerate", "15", "-t", str(CARD_S + FADE_S), "-i", str(path)]


def _filters(count: int, accent: str) -> str:
    """Cards fade into each other over a bar that fills; below them a quiet chord."""
    steps, last = [], "0:v"
    for index in range(1, count):
        offset = index * CARD_S - FADE_S / 2
        steps.append(f"[{last}][{index}:v]xfade=transition=fade:duration={FADE_S}:offset={offset}[x{index}]")
        last = f"x{index}"
    total = CARD_S * count
    bar = f"color=c={accent.replace('#', '0x')}:s=1280x8:r=15:d={total}"
    steps.append(f"{bar}[bar];[{last}][bar]overlay=x='-1280+1280*t/{total}':y=712:shortest=0,format=yuv420p[v]")
    tones = "+".join(f"0.05*sin(2*PI*{hz}*t)*(0.6+0.4*sin(2*PI*t/{7 + n}))" for n, hz in enumerate(CHORD))
    steps.append(f"aevalsrc='{tones}':s=32000:d={total},lowpass=f=900,afade=d=2,afade=t=out:st={total - 3}:d=3[a]")
    return ";".join(steps)


def make_sheet(name: str) -> None:
    source = HERE / f"{name}.typ"
    typst.compile(source, output=FILES / f"{name}.pdf", font_paths=[FONTS], ignore_system_fonts=True)


def main() -> None:
    FILES.mkdir(exist_ok=True)
    for name, board in read_yaml(HERE / "videos.yml").items():
        make_film(name, board)
    for source in sorted(HERE.glob("*.typ")):
        if source.stem not in ("card", "sheet"):
            make_sheet(source.stem)


if __name__ == "__main__":
    main()

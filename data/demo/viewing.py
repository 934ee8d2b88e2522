"""What is measured while somebody watches or reads: (kind, seconds since they began, measures)."""

import random

from data.demo.catalogue import VIDEO_S, Module

BEAT_S = 5
"""The player reports what was played every five seconds."""
REWATCHED = (20, 32)
"""A dense part of each film: many go back to it."""
DROPS_AT = (38, 50)
"""A slow part: who leaves or skips does it here."""

Seen = list[tuple[str, float, str]]


def view(module: Module, share: float, rng: random.Random) -> tuple[Seen, float]:
    """(measures, seconds taken) of a module followed to `share` of it, 1 meaning the end."""
    if module.kind == "video":
        return _watch(share, rng)
    if module.kind == "document":
        return _read(module, 2 if share >= 1 or rng.random() < share else 1, "document_read", rng)
    if module.kind == "text":
        return _read(module, 2 if share >= 1 else 1, "page_viewed", rng)
    return [], 0.0


def _watch(share: float, rng: random.Random) -> tuple[Seen, float]:
    seen: Seen = []
    at = 0.0
    rate = rng.choices((1.0, 1.25, 1.5), (8, 2, 1))[0]
    if share < 1:
        stop = min(VIDEO_S * share, float(rng.uniform(*DROPS_AT)) if rng.random() < 0.6 else VIDEO_S * share)
        at = _play(seen, at, 0, max(2.0, stop), rate)
        return seen, at
    skips = rng.random() < 0.22
    at = _play(seen, at, 0, rng.uniform(*DROPS_AT) if skips else VIDEO_S, rate)
    if rng.random() < 0.34:
        at = _play(
            seen, at + rng.uniform(1, 5), REWATCHED[0] + rng.randint(-2, 2), REWATCHED[1] + rng.randint(-2, 3), rate
        )
    if skips:
        at = _play(seen, at + 2, VIDEO_S - rng.randint(3, 8), VIDEO_S, rate)
    return seen, at


def _play(seen: Seen, at: float, start: float, end: float, rate: float) -> float:
    while start < end - 0.5:
        to = min(start + BEAT_S, end)
        at += (to - start) / rate
        seen.append(("video_played", at, f'"from_s": {start:.1f}, "to_s": {to:.1f}, "rate": {rate}'))
        start = to
    return at


def _read(module: Module, pages: int, kind: str, rng: random.Random) -> tuple[Seen, float]:
    seen: Seen = []
    at = 0.0
    for page in range(1, pages + 1):
        dwell = max(4.0, module.duration_s / 2 * rng.lognormvariate(-0.35, 0.5))
        at += dwell
        seen.append((kind, at, f'"page": {page}, "dwell_s": {dwell:.1f}'))
    return seen, at

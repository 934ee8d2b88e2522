"""What a person sees while Praxis starts: one line a step, with its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 22


class Step:
    """`note` is what the line says beside the time."""

    note = ""


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Shows the name while it runs (on a terminal), then one line with the seconds it took."""
    began = time.monotonic()
    this = Step()
    if sys.stdout.isatty():
        print(f"  {name:<{WIDTH}} ...", end="", flush=True)
    try:
        yield this
    except BaseException as error:
        _clear()
        how = "failed" if isinstance(error, Exception) else "stopped"
        print(f"  {name:<{WIDTH}} {how} after {time.monotonic() - began:.1f} s", flush=True)
        raise
    _clear()
    print(f"  {name:<{WIDTH}} {time.monotonic() - began:4.1f} s  {this.note}".rstrip(), flush=True)


def _clear() -> None:
    if sys.stdout.isatty():
        print("\r\033[K", end="")


def say(line: str) -> None:
    print(line, flush=True)


def table(rows: list[tuple[str, ...]], *, indent: str = "  ") -> str:
    """Columns as wide as their widest cell."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    return "\n".join(
        (indent + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in rows
    )

"""`./praxis up` on a fresh clone to ready, and again; `--cold` empties the package cache first.

python -m tests.bench.startup [--cold]
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from api.core.settings import ROOT
from tests.bench.place import line, machine
from tests.processes import free_port


def _start(clone: Path, environment: dict[str, str]) -> float:
    """Seconds until it says that all is ready; stopped again."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [clone / "praxis", "up"],
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    told = []
    for text in process.stdout or ():
        told.append(text)
        if "Ctrl-C stops everything" in text:
            break
    seconds = time.perf_counter() - began
    process.send_signal(signal.SIGINT)
    if process.wait(60) not in (0, 130):
        raise RuntimeError("".join(told))
    return seconds


def main() -> None:
    machine()
    folder = Path(tempfile.mkdtemp(prefix="praxis-bench-"))
    try:
        clone = folder / "clone"
        subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
        ports = {f"PRAXIS_{part}_PORT": str(free_port()) for part in ("API", "DASHBOARDS", "DAGSTER")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PRAXIS_")}
        environment = {**kept, **ports}
        cold = "--cold" in sys.argv
        if cold:
            environment |= {"UV_CACHE_DIR": str(folder / "uv"), "PIP_NO_CACHE_DIR": "1"}
            environment["PATH"] = ":".join(p for p in os.environ["PATH"].split(":") if not (Path(p) / "uv").exists())
        limit = 240 if cold else 60
        first = _start(clone, environment)
        line(
            f"first start, {'cold' if cold else 'warm'} package cache",
            f"{first:.0f} s",
            f"at most {limit} s",
            first / limit,
        )
        second = _start(clone, environment)
        line("second start", f"{second:.1f} s", "at most 15 s", second / 15)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

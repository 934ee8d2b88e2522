"""The first run of the pipelines, so that dashboards have numbers as soon as they open."""

import contextlib
import subprocess
import sys

from stack.database import unfinished_runs
from stack.install import ROOT, Install


def _start(install: Install, what: str) -> "subprocess.Popen[bytes]":
    with (install.logs_dir / "first_pass.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "stack.dagster_runs", what],
            cwd=ROOT,
            env=install.environment(),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def close_unfinished_runs(install: Install) -> None:
    """Of a killed start; only where there are any, because loading Dagster takes seconds."""
    if unfinished_runs(install.settings.database_url):
        process = _start(install, "close")
        process.communicate(timeout=60)


class FirstPass:
    """A real Dagster run in a process of its own, which loads the definitions while the data is still loading."""

    def __init__(self, install: Install) -> None:
        self._process = _start(install, "first_pass")

    def run(self) -> bool:
        """False where it failed; the schedules go on trying."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate(b"go\n")
        return self._process.returncode == 0

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

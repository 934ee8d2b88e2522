"""A real Redis for a test, and budgets small enough to use up."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.processes import free_port


@contextmanager
def redis_server() -> Iterator[str]:
    """Its address; skipped with a reason where the machine has none."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("no redis-server on this machine: ./praxis test installs it as root")
    port = free_port()
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--loglevel", "warning"]
    process = subprocess.Popen([binary, "--port", str(port), *quiet], stdout=subprocess.DEVNULL)
    try:
        _await_port(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


def _await_port(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("redis-server did not start")

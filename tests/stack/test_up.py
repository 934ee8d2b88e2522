"""The whole platform on an empty home: it starts, survives a kill -9, and stops without a trace."""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from stack.install import Install
from stack.leftovers import find_leftovers
from stack.parts import is_free
from tests.stack.commands import PRAXIS, environment, praxis


def start(install: Install, log: Path, *, within_s: float) -> subprocess.Popen[bytes]:
    """`up` until it says that it is ready; what it printed is in `log`."""
    with log.open("wb") as out:
        process = subprocess.Popen([PRAXIS, "up", "--no-demo"], env=environment(install), stdout=out, stderr=out)
    deadline = time.monotonic() + within_s
    while "Ctrl-C stops everything" not in (told := log.read_text()):
        assert process.poll() is None, told
        assert time.monotonic() < deadline, told
        time.sleep(0.1)
    return process


def parts_of(install: Install) -> dict[str, dict[str, Any]]:
    return {part["name"]: part for part in json.loads(praxis(install, "status", "--json").stdout)["parts"]}


def test_it_starts_recovers_from_a_kill_and_stops_without_a_trace(install: Install, tmp_path: Path) -> None:
    first = start(install, tmp_path / "first.log", within_s=180)
    parts = parts_of(install)
    assert {name for name, part in parts.items() if part["health"] != "ready"} <= {"worker", "daemon"}
    assert httpx.get(parts["api"]["address"] + "/health/ready").json()["status"] == "ready"
    assert "first pipeline pass" in (tmp_path / "first.log").read_text()

    first.send_signal(signal.SIGKILL)
    first.wait()
    assert find_leftovers(install), "the parts go on without their start"
    second = start(install, tmp_path / "second.log", within_s=120)
    told = (tmp_path / "second.log").read_text()
    assert "of a killed start were stopped" in told
    assert "first pipeline pass" not in told, "done once"
    assert not psutil.pid_exists(parts["api"]["pid"])

    second.send_signal(signal.SIGINT)
    assert second.wait(40) == 0
    assert find_leftovers(install) == []
    assert install.postgres
    assert install.postgres.process() is None
    assert is_free("127.0.0.1", install.settings.api_port)

"""The supervisor starts, restarts and stops real processes, and a killed start leaves nothing behind for long."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from stack.install import MARK, Install, running, write_record
from stack.leftovers import find_leftovers, stop_leftovers
from stack.parts import Part, is_free, is_healthy
from stack.supervisor import Supervisor
from stack.watch import changes


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.fixture
def server(install: Install) -> Part:
    port = install.settings.api_port
    return Part(
        "web",
        "Web",
        (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)),
        port=port,
        setting="X",
        health="/",
    )


@pytest.fixture
def supervisor(install: Install, server: Part) -> Iterator[Supervisor]:
    broken = Part("broken", "Broken", (sys.executable, "-c", "raise SystemExit('a 100% clear reason')"))
    ours = Supervisor(install)
    ours.start([server, broken])
    yield ours
    ours.stop()


def test_a_crashed_part_is_started_again_and_told_once(supervisor: Supervisor, server: Part) -> None:
    supervisor.launch("web")
    until(lambda: supervisor.states()["web"]["statename"] == "RUNNING" and is_healthy(server))
    known = {"web": supervisor.states()["web"]["pid"]}
    os.kill(known["web"], signal.SIGKILL)
    told: list[str] = []
    until(lambda: told.extend(changes(known, supervisor.states(), Path("logs"))) or told)
    assert "web crashed and was started again" in told[0]
    assert changes(known, supervisor.states(), Path("logs")) == []
    until(lambda: is_healthy(server))


def test_a_part_that_can_not_start_says_why_in_its_log(supervisor: Supervisor, install: Install) -> None:
    supervisor.launch("broken")
    log = install.logs_dir / "broken.log"
    until(lambda: log.exists() and "a 100% clear reason" in log.read_text())


def test_stopping_frees_the_ports(supervisor: Supervisor, server: Part) -> None:
    supervisor.launch("web")
    until(lambda: is_healthy(server))
    assert not is_free("127.0.0.1", server.port or 0)
    supervisor.stop()
    assert is_free("127.0.0.1", server.port or 0)
    assert supervisor.states() == {}


def test_what_a_killed_start_left_is_found_and_stopped(supervisor: Supervisor, server: Part, install: Install) -> None:
    supervisor.launch("web")
    until(lambda: is_healthy(server))
    supervisor_pid = supervisor._server.pid if supervisor._server else 0
    os.kill(supervisor_pid, signal.SIGKILL)  # its parts go on without it
    assert not is_free("127.0.0.1", server.port or 0)
    assert stop_leftovers(install, grace_s=2) >= 1
    assert find_leftovers(install) == []
    assert is_free("127.0.0.1", server.port or 0)


def test_processes_of_another_home_are_left_alone(install: Install) -> None:
    other = subprocess.Popen(["sleep", "30"], env={**os.environ, MARK: str(install.home) + "-other"})
    assert stop_leftovers(install) == 0
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_record_of_a_reused_pid_is_not_a_running_start(install: Install) -> None:
    write_record(install)
    assert (running(install) or {})["pid"] == os.getpid()
    stale = install.record.read_text().replace(str(psutil.Process().create_time()), "1.0")
    install.record.write_text(stale)
    assert running(install) is None


def test_a_home_with_a_very_long_path_still_has_a_socket(tmp_path: Path, install: Install) -> None:
    deep = install.settings.model_copy(update={"home": tmp_path / ("x" * 120)})
    path = Supervisor(Install(deep, None)).socket
    with socket.socket(socket.AF_UNIX) as probe:
        probe.bind(str(path))
    path.unlink()

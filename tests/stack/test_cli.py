"""The command as a person types it: each thing that is wrong is one line and code 1."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from stack.install import Install, write_record
from stack.postgres import EmbeddedPostgres
from stack.problems import explain, explain_postgres
from tests.stack.commands import praxis

HOLD = """import fasteners, sys
lock = fasteners.InterProcessLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
sys.stdin.read()"""


def one_line(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode == 1, run.stdout + run.stderr
    assert run.stderr.startswith("praxis: ")
    assert run.stderr.count("\n") == 1, run.stderr
    return run.stderr


def test_alone_it_prints_what_it_can_do(install: Install) -> None:
    told = praxis(install)
    commands = ("up", "down", "status", "test", "bench", "demo", "token", "doctor", "hr", "audit", "client", "keys")
    for command in commands:
        assert f"\n  {command} " in told.stdout + told.stderr


def test_a_taken_port_names_its_holder_and_the_variable(install: Install) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", install.settings.dashboards_port))
        taken.listen()
        line = one_line(praxis(install, "up"))
    assert f"Port {install.settings.dashboards_port}" in line
    assert f"(pid {os.getpid()})" in line
    assert "PRAXIS_DASHBOARDS_PORT" in line


def test_a_second_start_on_the_same_home_is_refused(install: Install) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            HOLD,
            str(install.run_dir / "up.lock"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    assert "runs already" in one_line(praxis(install, "up"))
    holder.kill()
    holder.wait()


def test_an_unreachable_postgres_service_is_one_line_without_the_password(install: Install) -> None:
    port = install.settings.api_port
    line = one_line(praxis(install, "up", PRAXIS_DATABASE_URL=f"postgresql://someone:hidden@127.0.0.1:{port}/x"))
    assert f"127.0.0.1:{port}/x does not answer" in line
    assert "hidden" not in line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_one_line(install: Install, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], check=False).returncode:
        pytest.skip("this machine forbids mounts")
    try:
        assert "The disk is full" in one_line(praxis(install, "up", PRAXIS_HOME=str(small)))
    finally:
        subprocess.run(["umount", small], check=True)


def test_status_of_a_stopped_home_says_so(install: Install) -> None:
    told = praxis(install, "status", "--json")
    assert told.returncode == 1
    status = json.loads(told.stdout)
    assert status["health"] == "stopped"
    running = {"api", "dashboards", "code", "dagster", "worker", "daemon"}
    assert {part["name"] for part in status["parts"]} == {"postgres", *running}
    assert all(part["health"] == "stopped" and part["pid"] is None for part in status["parts"])


def test_status_shows_the_ports_of_the_running_start(started: Install) -> None:
    write_record(started)
    status = json.loads(praxis(started, "status", "--json", PRAXIS_API_PORT="9").stdout)
    parts = {part["name"]: part for part in status["parts"]}
    assert parts["api"]["address"] == f"http://127.0.0.1:{started.settings.api_port}"
    assert parts["postgres"]["health"] == "ready"
    assert parts["postgres"]["pid"]


def test_down_stops_a_postgres_that_was_left(started: Install) -> None:
    assert "Stopped" in praxis(started, "down").stdout
    assert started.postgres
    assert started.postgres.process() is None
    assert "Nothing runs" in praxis(started, "down").stdout


def test_two_homes_have_two_servers(started: Install, tmp_path: Path) -> None:
    second = EmbeddedPostgres(tmp_path / "second").start()
    assert started.postgres
    assert second.live() != started.postgres.live()
    assert "Stopped" in praxis(started, "down").stdout
    assert second.live()
    second.stop()


def test_a_token_needs_an_embedded_install(install: Install) -> None:
    assert "embedded installs only" in one_line(
        praxis(install, "token", "Ada", PRAXIS_DATABASE_URL="postgresql://127.0.0.1:1/x")
    )
    assert "not running" in one_line(praxis(install, "token", "Ada"))
    assert "no role king" in one_line(praxis(install, "token", "Ada", "--role", "king"))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device", "/x/y"), "The disk is full at /x/y"),
        (PermissionError(13, "Permission denied", "/x/y"), "Can't write at /x/y"),
        (ImportError("libgomp.so.1: cannot open shared object file"), "A library is missing: libgomp.so.1"),
        (ValueError("our own mistake"), None),
    ],
)
def test_an_error_of_the_machine_is_explained_and_one_of_ours_is_not(error: Exception, told: str | None) -> None:
    line = explain(error)
    assert (line or "").startswith(told) if told else line is None


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("FATAL:  could not write lock file: No space left on device\nHINT: x", "The disk is full"),
        (
            "postgres: error while loading shared libraries: libz.so.1: cannot open shared object file: No such file",
            "a library is missing: libz.so.1",
        ),
        ("LOG: a\nFATAL:  could not create any TCP/IP sockets\nLOG: shut down", "could not create any TCP/IP sockets"),
    ],
)
def test_the_log_of_postgres_becomes_one_line(log: str, told: str) -> None:
    assert told in explain_postgres(log)
    assert "\n" not in explain_postgres(log)

"""The API and the dashboards as real processes on free ports, and a real browser."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg2
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from api.core.settings import ROOT, Settings
from api.identity.rules import ROLES
from api.identity.tokens import operator_token

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Settings) -> dict[str, str]:
    """What the stack gives to each process."""
    given = settings.model_dump(exclude_none=True)
    return {**os.environ, **{f"PRAXIS_{name.upper()}": str(value) for name, value in given.items()}}


UVICORN = ("uvicorn", "--no-access-log", "--timeout-graceful-shutdown", "2", "--factory")
DAGSTER = {"dagster.yaml": "telemetry:\n  enabled: false\n", "workspace.yaml": "load_from: []\n"}
"""Dagster's pages without any pipeline: enough to come in."""


def _command(settings: Settings, name: str) -> tuple[tuple[str, ...], str]:
    """What starts a part, and the address of its health; the worker has none."""
    if name == "worker":
        return ("api.worker",), ""
    if name == "dagster":
        home = settings.home / "dagster"
        home.mkdir(exist_ok=True)
        for file, content in DAGSTER.items():
            (home / file).write_text(content)
        start = ("stack.dagster_pages", "127.0.0.1", str(settings.dagster_port), str(home / "workspace.yaml"))
        return start, f"{settings.dagster_url}/server_info"
    port, health = {
        "api": (settings.api_port, "/health/ready"),
        "dashboards": (settings.dashboards_port, "/_stcore/health"),
    }[name]
    return (*UVICORN, "--port", str(port), f"{name}.app:create_app"), f"http://127.0.0.1:{port}{health}"


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + float(os.environ.get("PRAXIS_TEST_START_S", "60"))
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer: {log.read_text()[-2000:]}")


@contextmanager
def running(settings: Settings, *parts: str) -> Iterator[None]:
    """These parts (else the API and the dashboards), ready; stopped at the end. What they say is in `<part>.log`."""
    started, awaited = [], []
    try:
        for name in parts or ("api", "dashboards"):
            command, health = _command(settings, name)
            log = settings.home / f"{name}.log"
            environ = {**environment(settings), "DAGSTER_HOME": str(settings.home / "dagster")}
            with log.open("ab") as out:
                process = subprocess.Popen(
                    [sys.executable, "-m", *command], cwd=ROOT, env=environ, stdout=out, stderr=out
                )
            started.append(process)
            if health:
                awaited.append((health, process, log))
        for one in awaited:
            _await(*one)
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(15)


@contextmanager
def serving(settings: Settings, *options: str, application: str = "api.app:create_app") -> Iterator[Path]:
    """The API alone, ready; yields its log. `options` are uvicorn's."""
    log = settings.home / f"api-{settings.api_port}.log"
    command = [sys.executable, "-m", *UVICORN, "--port", str(settings.api_port), *options, application]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=out, stderr=out)
    try:
        _await(f"http://127.0.0.1:{settings.api_port}/health/ready", process, log)
        yield log
    finally:
        process.terminate()
        process.wait(15)


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one that Playwright fetched; skipped with a reason where neither is there."""
    from stack.checks import find_chromium  # noqa: PLC0415

    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: ./praxis test installs it")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


def sign_in(page: Page, settings: Settings, email: str, password: str) -> None:
    """At the authorization server, where the dashboards send who is not signed in; then back."""
    page.goto(settings.dashboards_url)
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("button")


def token_of(settings: Settings, email: str, *roles: str) -> str:
    """An operator's token for this person."""
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("select id::text from account where email = %s", (email,))
        account_id = uuid.UUID(cursor.fetchall()[0][0])
    return operator_token(settings, account_id, {"employee", "manager", *roles} & ROLES)

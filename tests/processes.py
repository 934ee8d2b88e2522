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


def _start(settings: Settings, port: int, log: Path, *application: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--no-access-log", *application]
        return subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=out, stderr=out)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer: {log.read_text()[-2000:]}")


@contextmanager
def running(settings: Settings) -> Iterator[None]:
    """Both parts, ready; stopped at the end."""
    parts = {
        "api": (settings.api_port, "/health/ready", ("--factory", "api.app:create_app")),
        "dashboards": (settings.dashboards_port, "/_stcore/health", ("--factory", "dashboards.app:create_app")),
    }
    started = []
    try:
        for name, (port, health, application) in parts.items():
            log = settings.home / f"{name}.log"
            process = _start(settings, port, log, *application)
            started.append(process)
            _await(f"http://127.0.0.1:{port}{health}", process, log)
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
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
    page.goto(f"http://127.0.0.1:{settings.dashboards_port}/")
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("button")


def token_of(settings: Settings, email: str, *roles: str) -> str:
    """An operator's token for this person."""
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("select id::text from account where email = %s", (email,))
        account_id = uuid.UUID(cursor.fetchall()[0][0])
    return operator_token(settings, account_id, {"employee", "manager", *roles} & ROLES)

"""Homes of their own for tests that start real processes."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.core.settings import Settings
from stack.install import Install, with_database
from stack.leftovers import stop_leftovers
from stack.postgres import EmbeddedPostgres


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """A new home with free ports; nothing of it is left running."""
    api, dashboards, dagster = free_ports(3)
    settings = Settings(home=tmp_path / "home", api_port=api, dashboards_port=dashboards, dagster_port=dagster)
    made = Install(settings, EmbeddedPostgres(settings.home / "postgres"))
    for folder in (made.run_dir, made.logs_dir, settings.secrets_dir):
        folder.mkdir(parents=True)
    yield made
    stop_leftovers(made, grace_s=2)
    if made.postgres:
        made.postgres.stop()


@pytest.fixture
def started(install: Install) -> Install:
    """With its own embedded Postgres running."""
    assert install.postgres
    install.postgres.start()
    return with_database(install)

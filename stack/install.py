"""One installation: its home, whether Postgres is ours, and what its running `up` told about itself."""

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from api.core.settings import ROOT, Settings
from stack.postgres import EmbeddedPostgres
from stack.problems import StackProblem

MARK = "PRAXIS_PART_OF"
"""In the environment of every process that `up` starts; so a leftover is known even when every pid file is gone."""

RECORDED = (
    "host",
    "api_port",
    "dashboards_port",
    "dagster_port",
    "public_url",
    "public_dashboards_url",
    "public_dagster_url",
)


@dataclass(frozen=True)
class Install:
    """`settings.home` is absolute; `postgres` is None where PRAXIS_DATABASE_URL names a service."""

    settings: Settings
    postgres: EmbeddedPostgres | None

    @property
    def home(self) -> Path:
        return self.settings.home

    @property
    def run_dir(self) -> Path:
        return self.home / "run"

    @property
    def logs_dir(self) -> Path:
        return self.home / "logs"

    @property
    def dagster_dir(self) -> Path:
        return self.home / "dagster"

    @property
    def record(self) -> Path:
        return self.run_dir / "up.json"

    def environment(self) -> dict[str, str]:
        """What every part inherits; all configuration goes this way."""
        given = self.settings.model_dump(exclude_none=True)
        return {
            **os.environ,
            **{f"PRAXIS_{name.upper()}": str(value) for name, value in given.items()},
            MARK: str(self.home),
            "DAGSTER_HOME": str(self.dagster_dir),
            "DAGSTER_POSTGRES_URL": dagster_url(self.settings.database_url),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
            "PYTHONUNBUFFERED": "1",
        }


def find_install() -> Install:
    """The installation that the environment names, with the ports of its running `up`."""
    for name in ("PRAXIS_DATABASE_URL", "PRAXIS_DATABASE_URL_FILE"):
        if not os.environ.get(name):
            os.environ.pop(name, None)
    settings = Settings()
    settings = settings.model_copy(update={"home": settings.home.expanduser().resolve()})
    if os.environ.keys() & {"PRAXIS_DATABASE_URL", "PRAXIS_DATABASE_URL_FILE"}:
        return Install(settings, None)
    return Install(settings, EmbeddedPostgres(settings.home / "postgres"))


def with_database(install: Install) -> Install:
    """The same, with the address of the embedded server that runs now."""
    if install.postgres is None:
        return install
    if (found := install.postgres.live()) is None:
        raise StackProblem("Postgres is not running: start Praxis with `./praxis up` first.")
    install.postgres.port = found[1]
    url = install.postgres.url()
    return Install(install.settings.model_copy(update={"database_url": url}), install.postgres)


def running(install: Install) -> dict[str, Any] | None:
    """What the live `up` of this home recorded, else None; a reused pid isn't it."""
    try:
        told: dict[str, Any] = json.loads(install.record.read_text())
        process = psutil.Process(told["pid"])
        if abs(process.create_time() - told["create_time"]) > 1 or process.status() == psutil.STATUS_ZOMBIE:
            return None
        return told
    except (OSError, ValueError, KeyError, psutil.Error):
        return None


def as_recorded(install: Install) -> Install:
    """With the ports that the running `up` uses, whatever this terminal's environment says."""
    told = running(install)
    if told is None:
        return install
    return Install(install.settings.model_copy(update={name: told[name] for name in RECORDED}), install.postgres)


def write_record(install: Install) -> None:
    me = psutil.Process()
    told = {"pid": me.pid, "create_time": me.create_time(), **install.settings.model_dump(include=set(RECORDED))}
    fresh = install.record.with_suffix(".new")
    fresh.write_text(json.dumps(told))
    fresh.replace(install.record)


def forget_record(install: Install) -> None:
    with contextlib.suppress(OSError):
        install.record.unlink()


def dagster_url(database_url: str) -> str:
    """Dagster's tables live in a schema of their own; psycopg2 by name, or SQLAlchemy would take psycopg 3.

    It commits each of hundreds of log lines a run; the last ones before a power cut may be lost, so no fsync waits.
    """
    address = database_url.split("://", 1)[1]
    options = quote("-csearch_path=dagster -csynchronous_commit=off")
    return f"postgresql+psycopg2://{address}{'&' if '?' in address else '?'}options={options}"


__all__ = ["MARK", "ROOT", "Install", "as_recorded", "find_install", "running", "with_database"]

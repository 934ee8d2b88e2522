"""The parts that run: what starts each, where it answers, how its health is asked."""

import http.client
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from stack.install import Install

CODE_PORT_FILE = "code.port"
ANY_HOST = {"0.0.0.0", "::", ""}  # noqa: S104

POLITE = ("nice", "-n", "5")
"""Pipelines yield to people: the API and the dashboards come up first and stay quick during a build."""


UVICORN = (sys.executable, "-m", "uvicorn", "--timeout-graceful-shutdown", "3", "--no-access-log")


def proxies(trusted: str) -> tuple[str, ...]:
    """Whose X-Forwarded-For counts. uvicorn alone would believe everybody on this machine."""
    return ("--forwarded-allow-ips", trusted) if trusted else ("--no-proxy-headers",)


@dataclass(frozen=True)
class Part:
    """`health` is a path that answers 2xx when the part can work; without one, an open port is enough."""

    name: str
    title: str
    command: tuple[str, ...]
    host: str = "127.0.0.1"
    port: int | None = None
    setting: str | None = None
    """The variable that moves the port."""
    health: str | None = None
    is_shown: bool = False

    @property
    def address(self) -> str | None:
        """For a browser on this machine; None for what only other parts talk to."""
        return self.url if self.is_shown else None

    @property
    def url(self) -> str:
        host = self.reachable_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def reachable_host(self) -> str:
        return "127.0.0.1" if self.host in ANY_HOST else self.host


def parts(install: Install) -> list[Part]:
    """In the order in which they start."""
    settings = install.settings
    host, code = settings.host, _code_port(install)
    workspace = str(install.dagster_dir / "workspace.yaml")
    uvicorn = (*UVICORN, "--host", host, *proxies(settings.trusted_proxies))
    tool = Path(sys.executable).parent
    return [
        Part(
            "api",
            "API",
            (*uvicorn, "--port", str(settings.api_port), "--factory", "api.app:create_app"),
            host,
            settings.api_port,
            "PRAXIS_API_PORT",
            "/health/ready",
            is_shown=True,
        ),
        Part(
            "dashboards",
            "Dashboards",
            (*uvicorn, "--port", str(settings.dashboards_port), "--factory", "dashboards.app:create_app"),
            host,
            settings.dashboards_port,
            "PRAXIS_DASHBOARDS_PORT",
            "/_stcore/health",
            is_shown=True,
        ),
        Part(
            "code",
            "Pipelines' code",
            (
                *POLITE,
                str(tool / "dagster"),
                "api",
                "grpc",
                "-h",
                "127.0.0.1",
                "-p",
                str(code),
                "-m",
                "pipelines.definitions",
            ),
            port=code,
        ),
        Part(
            "dagster",
            "Dagster",
            (*POLITE, sys.executable, "-m", "stack.dagster_pages", host, str(settings.dagster_port), workspace),
            host,
            settings.dagster_port,
            "PRAXIS_DAGSTER_PORT",
            "/server_info",
            is_shown=True,
        ),
        Part("worker", "Worker", (*POLITE, sys.executable, "-m", "api.worker")),
        Part("daemon", "Dagster's daemon", (*POLITE, str(tool / "dagster-daemon"), "run", "-w", workspace)),
    ]


def is_healthy(part: Part, *, timeout_s: float = 2) -> bool:
    """Asked now; a part without a port has no health of its own beyond running."""
    if part.port is None:
        return True
    if part.health is None:
        with socket.socket() as probe:
            probe.settimeout(timeout_s)
            return probe.connect_ex((part.reachable_host, part.port)) == 0
    request = http.client.HTTPConnection(part.reachable_host, part.port, timeout=timeout_s)
    try:
        request.request("GET", part.health)
        return request.getresponse().status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        request.close()


def is_free(host: str, port: int) -> bool:
    """True also while old connections of a stopped server fade (TIME_WAIT)."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _code_port(install: Install) -> int:
    """Of the gRPC server between Dagster's own processes: any free one, kept while this `up` runs."""
    kept = install.run_dir / CODE_PORT_FILE
    if kept.exists():
        return int(kept.read_text())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(str(port))
    return port

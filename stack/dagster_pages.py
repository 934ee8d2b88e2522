"""Dagster's own web server behind the door: `python -m stack.dagster_pages HOST PORT WORKSPACE`.

What `dagster-webserver -w WORKSPACE` does, but for the door around its pages and the script in them.
"""

import sys

import uvicorn
from dagster import DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._utils.log import configure_loggers
from dagster_webserver.cli import (
    DEFAULT_DB_STATEMENT_TIMEOUT,
    DEFAULT_POOL_MAX_OVERFLOW,
    DEFAULT_POOL_RECYCLE,
)
from dagster_webserver.version import __version__
from dagster_webserver.webserver import DagsterWebserver
from starlette.requests import Request
from starlette.responses import HTMLResponse

from dashboards.door import SCRIPT, Door
from dashboards.session import Sessions
from dashboards.site import dagster_site

OPEN_PATHS = ("/server_info",)
"""For health; it tells versions."""

POLL_EVERY_MS = 2000


class Pages(DagsterWebserver):  # type: ignore[type-arg]
    """Each page leads to the sign-in once its own has ended."""

    def make_security_headers(self) -> dict[str, str]:
        """Without the old name of a policy that the door sets by its new one."""
        return {name: value for name, value in super().make_security_headers().items() if name != "Feature-Policy"}

    def make_csp_header(self, nonce: str) -> str:
        return f"{super().make_csp_header(nonce)} frame-ancestors 'none'"

    def index_html_endpoint(self, request: Request) -> HTMLResponse:
        page = super().index_html_endpoint(request)
        nonce = page.headers["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
        script = f'<script src="{SCRIPT}" nonce="{nonce}" defer></script></head>'
        body = bytes(page.body).decode().replace("</head>", script, 1)
        kept = {name: value for name, value in page.headers.items() if name != "content-length"}
        return HTMLResponse(body, headers=kept)


def serve(host: str, port: str, workspace: str) -> None:
    """Dagster sets its own content policy, with a nonce for each page; so the door adds none."""
    configure_loggers(log_level="INFO")
    with DagsterInstance.get() as instance:
        instance.optimize_for_webserver(DEFAULT_DB_STATEMENT_TIMEOUT, DEFAULT_POOL_RECYCLE, DEFAULT_POOL_MAX_OVERFLOW)
        with WorkspaceProcessContext(instance, WorkspaceFileTarget([workspace]), version=__version__) as context:
            pages = Pages(context, live_data_poll_rate=POLL_EVERY_MS).create_asgi_app()
            door = Door(pages, sessions=Sessions(dagster_site()), open_paths=OPEN_PATHS)
            uvicorn.run(door, host=host, port=int(port), log_level="warning", timeout_graceful_shutdown=3)


if __name__ == "__main__":
    serve(*sys.argv[1:4])

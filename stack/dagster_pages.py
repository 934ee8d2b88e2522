"""Dagster's own web server behind the door, for the role hr_data: `python -m stack.dagster_pages HOST PORT WORKSPACE`."""

import os
import sys

import uvicorn
from dagster import DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context

from dashboards.door import Door
from dashboards.session import Sessions, Site

OPEN_PATHS = ("/server_info",)
"""For health; it tells versions."""


def site(host: str, port: str) -> Site:
    url = os.environ.get("PRAXIS_PUBLIC_DAGSTER_URL", f"http://{host}:{port}").rstrip("/")
    return Site("praxis-dagster", url, ("openid", "pipelines"), needs="pipelines")


def serve(host: str, port: str, workspace: str) -> None:
    """Dagster sets its own content policy, with a nonce for each page; so the door adds none."""
    with (
        DagsterInstance.get() as instance,
        WorkspaceProcessContext(instance, WorkspaceFileTarget([workspace])) as context,
    ):
        pages = create_app_from_workspace_process_context(context)
        door = Door(pages, sessions=Sessions(site(host, port)), open_paths=OPEN_PATHS)
        uvicorn.run(door, host=host, port=int(port), log_level="warning", timeout_graceful_shutdown=3)


if __name__ == "__main__":
    serve(*sys.argv[1:4])

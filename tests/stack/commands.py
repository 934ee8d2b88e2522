"""The `praxis` command as a process, with the settings of one home."""

import os
import subprocess
import sys
from pathlib import Path

from stack.install import Install

PRAXIS = Path(sys.executable).parent / "praxis"


def environment(install: Install, **more: str) -> dict[str, str]:
    settings = install.settings
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRAXIS_")}
    ours = {
        "PRAXIS_HOME": str(settings.home),
        "PRAXIS_API_PORT": str(settings.api_port),
        "PRAXIS_DASHBOARDS_PORT": str(settings.dashboards_port),
        "PRAXIS_DAGSTER_PORT": str(settings.dagster_port),
    }
    return {**kept, **ours, **more}


def praxis(install: Install, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs to its end."""
    return subprocess.run(
        [PRAXIS, *arguments],
        env=environment(install, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

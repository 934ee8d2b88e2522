"""While everything runs: tells of each crash, and starts the embedded Postgres again if it was killed."""

import time
from pathlib import Path
from typing import Any

from stack.install import Install
from stack.problems import StackProblem
from stack.screen import say
from stack.supervisor import Supervisor


def watch(install: Install, supervisor: Supervisor) -> None:
    """Never returns; a part that crashes is started again by the supervisor, one that can't start is told once."""
    known = {name: state["pid"] for name, state in supervisor.states().items()}
    while True:
        time.sleep(1)
        if not supervisor.is_alive:
            raise StackProblem(f"The supervisor was killed; everything is stopped. See {install.logs_dir}")
        if install.postgres and install.postgres.process() is None:
            say("  postgres was killed: starting it again")
            install.postgres.start()
        for line in changes(known, supervisor.states(), install.logs_dir):
            say(line)


def changes(known: dict[str, int], now: dict[str, dict[str, Any]], logs: Path) -> list[str]:
    """One line a part that runs under another pid than is known, or that was given up; `known` is kept up to date."""
    lines = []
    for name, state in now.items():
        if state["statename"] == "RUNNING" and state["pid"] != known.get(name):
            known[name] = state["pid"]
            lines.append(f"  {name} crashed and was started again: see {logs / name}.log")
        elif state["statename"] == "FATAL" and known.get(name):
            known[name] = 0
            lines.append(f"  {name} crashed again and again and stays down: see {logs / name}.log")
    return lines

"""While everything runs: tells of each crash, and starts the embedded Postgres again if it was killed."""

import time
from typing import Any

from stack.install import Install
from stack.problems import StackProblem
from stack.screen import say
from stack.supervisor import Supervisor


def watch(install: Install, supervisor: Supervisor) -> None:
    """Never returns; a part that crashes is started again by the supervisor, one that can't start is told once."""
    before = supervisor.states()
    while True:
        time.sleep(1)
        if not supervisor.is_alive:
            raise StackProblem(f"The supervisor was killed; everything is stopped. See {install.logs_dir}")
        if install.postgres and install.postgres.process() is None:
            say("  postgres was killed: starting it again")
            install.postgres.start()
        after = supervisor.states() or before
        for line in changes(before, after, str(install.logs_dir)):
            say(line)
        before = after


def changes(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], logs: str) -> list[str]:
    """One line a part that fell or came back since the last look."""
    lines = []
    for name, now in after.items():
        was = before.get(name, now)
        if now["statename"] == "FATAL" != was["statename"]:
            lines.append(f"  {name} crashed again and again and stays down: see {logs}/{name}.log")
        elif now["statename"] == "RUNNING" and was["pid"] != now["pid"]:
            lines.append(f"  {name} crashed and was started again: see {logs}/{name}.log")
    return lines

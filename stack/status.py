"""`praxis status`: each part's address, process and health, asked now."""

from typing import Any

from stack import database
from stack.install import Install, as_recorded, running, with_database
from stack.parts import is_healthy, parts
from stack.problems import StackProblem
from stack.screen import table
from stack.supervisor import Supervisor


def status(install: Install) -> dict[str, Any]:
    """`health` is ready, starting, failed or stopped; `pid` is null for a Postgres service that isn't ours."""
    told = running(install)
    install = as_recorded(install)
    states = Supervisor(install).states() if told else {}
    shown = [_postgres(install)]
    for part in parts(install):
        state = states.get(part.name, {})
        shown.append(
            {
                "name": part.name,
                "address": part.address,
                "pid": state.get("pid") or None,
                "health": _health(state.get("statename"), is_up=bool(state) and is_healthy(part)),
            }
        )
    return {
        "home": str(install.home),
        "pid": told["pid"] if told else None,
        "health": _worst([part["health"] for part in shown]) if told else "stopped",
        "parts": shown,
    }


def as_text(told: dict[str, Any]) -> str:
    rows: list[tuple[str, ...]] = [("part", "health", "pid", "address")]
    rows += [(p["name"], p["health"], str(p["pid"] or "-"), p["address"] or "-") for p in told["parts"]]
    return f"Praxis on {told['home']}: {told['health']}\n" + table(rows)


def _worst(healths: list[str]) -> str:
    return next(health for health in ("failed", "stopped", "starting", "ready") if health in healths)


def _health(state: str | None, *, is_up: bool) -> str:
    if state in (None, "STOPPED"):
        return "stopped"
    if state in ("FATAL", "BACKOFF", "EXITED"):
        return "failed"
    return "ready" if state == "RUNNING" and is_up else "starting"


def _postgres(install: Install) -> dict[str, Any]:
    """Ours by its pid file, a service by asking it."""
    found = install.postgres.process() if install.postgres else None
    try:
        url = with_database(install).settings.database_url
        database.value(url, "select 1", timeout_s=3)
        health = "ready"
    except StackProblem:
        url, health = "", "starting" if found else "stopped"
    return {
        "name": "postgres",
        "address": database.shown(url) or None,
        "pid": found[0].pid if found else None,
        "health": health,
    }

"""What goes wrong on a machine, each as one line that says the way out."""

import errno

import psutil

from api.core.errors import ProblemError


class StackProblem(Exception):
    """Printed as it is, without a traceback; the command ends with code 1."""


def explain(error: BaseException) -> str | None:
    """The line for an error of the machine, not of Praxis; None for anything else."""
    if isinstance(error, StackProblem | ProblemError):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full{_at(error)}: free some space, or move PRAXIS_HOME to another disk."
    if isinstance(error, PermissionError | NotADirectoryError) or (
        isinstance(error, OSError) and error.errno == errno.EROFS
    ):
        return f"Can't write{_at(error)}: give this user the folder, or set PRAXIS_HOME to one of its own."
    if isinstance(error, ImportError):
        return f"A library is missing: {error}. `./praxis doctor` says more; removing .venv makes the environment anew."
    return explain_postgres(str(error)) if type(error).__name__ == "PostgresFailed" else None


def explain_postgres(log: str) -> str:
    """The last of Postgres' log in one line."""
    if "No space left on device" in log:
        return "The disk is full: Postgres can't write. Free some space, or move PRAXIS_HOME to another disk."
    if "error while loading shared libraries" in log:
        missing = log.split("error while loading shared libraries:")[1].strip().splitlines()[0]
        return f"Postgres can't start, a library is missing: {missing}. Install it with the system's package manager."
    lines = [line for line in log.splitlines() if "FATAL" in line or "error:" in line.lower()] or log.splitlines()
    return f"Postgres did not start: {lines[-1].strip() if lines else 'it wrote no log'}"


def _at(error: OSError) -> str:
    return f" at {error.filename}" if error.filename else ""


def holder_of(port: int) -> str:
    """Who listens on this port, as far as this user may see."""
    try:
        for found in psutil.net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN and found.laddr and found.laddr.port == port and found.pid:
                return f"{psutil.Process(found.pid).name()} (pid {found.pid})"
    except psutil.Error:
        return "another program"
    return "another program"

"""Becomes another program, bounded: `python -I -S limited.py '{"cpu_s": 60, ...}' program arguments ...`.

Run as a file of its own, before the program: what is set here holds for it and can't be undone, and it dies with the
process that asked for it. Knows nothing of Praxis, so that it starts in a few milliseconds.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
IDLE = 3 << 13


def bound(limits: dict[str, Any]) -> None:
    for name, kind in (("cpu_s", resource.RLIMIT_CPU), ("memory_bytes", resource.RLIMIT_AS)):
        if value := limits.get(name):
            resource.setrlimit(kind, (value, value))
    if value := limits.get("file_bytes"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (value, value))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.setpriority(os.PRIO_PROCESS, 0, max(limits.get("nice", 0), os.getpriority(os.PRIO_PROCESS, 0)))


def follow(parent: int) -> None:
    """Linux only: killed when the parent is, also by SIGKILL; and idle at the disk."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if (number := IOPRIO_SET.get(os.uname().machine)) is not None:
        libc.syscall(number, 1, 0, IDLE)
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    follow(told["parent"])
    bound(told)
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 (that is what this file is for)

"""`praxis down`: stops the running `up` of this home from another terminal, or what a killed one left."""

import contextlib
import time

import psutil

from stack.install import Install, running
from stack.leftovers import stop_leftovers
from stack.problems import StackProblem

STOPPED_WITHIN_S = 60


def down(install: Install) -> str:
    """Says what was stopped; a home where nothing runs is fine too."""
    began = time.monotonic()
    told = running(install)
    if told:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(told["pid"]).terminate()
        while running(install):
            if time.monotonic() - began > STOPPED_WITHIN_S:
                pid = told["pid"]
                raise StackProblem(f"`up` (pid {pid}) does not stop: end it with `kill -9 {pid}`, then run this again.")
            time.sleep(0.05)
    count = stop_leftovers(install)
    server = install.postgres.process() if install.postgres else None
    if install.postgres and server:
        install.postgres.stop()
    if not (told or count or server):
        return f"Nothing runs on {install.home}."
    return f"Stopped in {time.monotonic() - began:.1f} s; the data stays in {install.home}."

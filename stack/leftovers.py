"""Processes that a killed `up` left behind: found by the mark in their environment, so a reused pid never matches."""

import contextlib

import psutil

from stack.install import MARK, Install


def find_leftovers(install: Install) -> list[psutil.Process]:
    """Every marked process of this home, but not us nor whoever started us."""
    ours = {process.pid for process in [psutil.Process(), *psutil.Process().parents()]}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid not in ours and process.environ().get(MARK) == str(install.home):
                found.append(process)
    return found


def stop_leftovers(install: Install, *, grace_s: float = 8) -> int:
    """Stops them, the supervisor first (or it would start them again); returns how many there were."""
    found = find_leftovers(install)
    supervisors = [process for process in found if _is_supervisor(process)]
    for process in supervisors:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(supervisors, timeout=2)
    others = [process for process in found if process not in supervisors]
    for process in others:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(others, timeout=grace_s)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=2)
    return len(found)


def _is_supervisor(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return "supervisor.supervisord" in process.cmdline()
    return False

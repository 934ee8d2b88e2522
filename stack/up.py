"""`praxis up`: from nothing to a running platform, each step shown, and everything stopped at the end."""

import asyncio
import shutil
import signal
import time
from contextlib import ExitStack
from types import FrameType

import fasteners

from api.identity.idp_config import company_of
from stack import database
from stack.dagster_home import write_dagster_home
from stack.first_pass import FirstPass, close_unfinished_runs
from stack.install import Install, find_install, forget_record, running, with_database, write_record
from stack.leftovers import find_leftovers, stop_leftovers
from stack.parts import CODE_PORT_FILE, Part, is_free, is_healthy, parts
from stack.problems import StackProblem, holder_of
from stack.screen import say, step
from stack.supervisor import Supervisor
from stack.watch import watch
from stack.welcome import welcome

FREE_SPACE_MB = 500
READY_WITHIN_S = 180
LAST = ("worker", "daemon")
"""Ready without them: nobody waits for their first job or tick, and on two cores they would slow down all others."""


class Stopped(BaseException):
    """Ctrl-C, `praxis down` or a closed terminal."""


def up(*, with_demo: bool = True) -> None:
    """Returns when it was asked to stop; raises StackProblem where it can't start or go on."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    install = find_install()
    with ExitStack() as cleanup:
        try:
            _claim(install, cleanup)
            _start(install, cleanup, with_demo=with_demo)
        except Stopped:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            say("\n  stopping ...")
            began = time.monotonic()
            cleanup.close()
            say(f"  stopped in {time.monotonic() - began:.1f} s; the data stays in {install.home}")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def _claim(install: Install, cleanup: ExitStack) -> None:
    """This home is ours from here on: one `up` a home, no leftovers, room and ports enough."""
    for folder in (install.run_dir, install.logs_dir, install.settings.secrets_dir):
        folder.mkdir(parents=True, exist_ok=True)
    lock = fasteners.InterProcessLock(str(install.run_dir / "up.lock"))
    if not lock.acquire(blocking=False):
        pid = (running(install) or {}).get("pid", "is starting")
        raise StackProblem(
            f"Praxis runs already on {install.home} (pid {pid}): `./praxis status` shows it, `./praxis down` stops it."
        )
    cleanup.callback(lock.release)
    if find_leftovers(install):
        with step("leftovers") as this:
            this.note = f"{stop_leftovers(install)} processes of a killed start were stopped"
    (install.run_dir / CODE_PORT_FILE).unlink(missing_ok=True)
    company_of(install.settings)
    free_mb = shutil.disk_usage(install.home).free // 2**20
    if free_mb < FREE_SPACE_MB:
        raise StackProblem(
            f"The disk is full: {free_mb} MB free at {install.home}, {FREE_SPACE_MB} MB are needed. "
            "Free some space, or move PRAXIS_HOME to another disk."
        )
    for part in parts(install):
        if part.setting and part.port and not is_free(part.host, part.port):
            raise StackProblem(
                f"Port {part.port} ({part.title}) is taken by {holder_of(part.port)}: "
                f"stop it, or choose another port with {part.setting}."
            )


def _start(install: Install, cleanup: ExitStack, *, with_demo: bool) -> None:
    began = time.monotonic()
    install = _start_database(install, cleanup)
    url = install.settings.database_url
    write_record(install)
    cleanup.callback(forget_record, install)
    all_parts = parts(install)
    write_dagster_home(install, code_port=next(part.port or 0 for part in all_parts if part.name == "code"))
    close_unfinished_runs(install)
    first = None if database.first_pass_is_done(url) else FirstPass(install)
    if first:
        cleanup.callback(first.stop)
    supervisor = Supervisor(install)
    cleanup.callback(stop_leftovers, install)
    cleanup.callback(supervisor.stop)
    supervisor.start(all_parts)
    if with_demo and database.is_empty(url):
        with step("demo company") as this:
            this.note = _load_demo(install)
    supervisor.launch(*(part.name for part in all_parts if part.name not in LAST))
    if first:
        with step("first pipeline pass") as this:
            if not first.run():
                this.note = f"failed: see {install.logs_dir / 'first_pass.log'}; the schedules try again"
    for part in all_parts:
        if part.name not in LAST:
            with step(part.title.lower()):
                _await_healthy(supervisor, part)
    supervisor.launch(*LAST)
    say(f"  {'ready':<22} {time.monotonic() - began:4.1f} s\n")
    say(welcome(install, all_parts))
    watch(install, supervisor)


def _start_database(install: Install, cleanup: ExitStack) -> Install:
    if install.postgres:
        with step("embedded postgres") as this:
            cleanup.callback(install.postgres.stop)
            install.postgres.start()
            install = with_database(install)
            this.note = f"port {install.postgres.port if install.postgres else ''}"
    with step("migrations") as this:
        this.note = database.migrate(install.settings.database_url)
    from api.identity.tokens import SigningKeys  # noqa: PLC0415  (the database starts before this is imported)

    SigningKeys(install.settings)
    return install


def _load_demo(install: Install) -> str:
    from api.core.origin import at_terminal  # noqa: PLC0415
    from api.identity.rules import OPERATOR  # noqa: PLC0415
    from data import demo  # noqa: PLC0415  (only the first start pays for its imports)

    with at_terminal("praxis up", OPERATOR):
        return str(asyncio.run(demo.load(install.settings)))


def _await_healthy(supervisor: Supervisor, part: Part) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    log = supervisor.install.logs_dir / f"{part.name}.log"
    while True:
        state = supervisor.states().get(part.name, {}).get("statename")
        if state == "RUNNING" and is_healthy(part):
            return
        if state == "FATAL" or not supervisor.is_alive or time.monotonic() > deadline:
            lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
            raise StackProblem(f"{part.title} did not start: {lines[-1] if lines else 'no word'} (all of it: {log})")
        time.sleep(0.1)

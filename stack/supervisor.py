"""supervisord as a child: it restarts a part that crashed, keeps its log small and says what runs."""

import contextlib
import hashlib
import shlex
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from stack.install import ROOT, Install
from stack.parts import Part
from stack.problems import StackProblem

GROUP = "praxis"
SOCKET_PATH_LIMIT = 100
"""Unix sockets have paths of at most 107 bytes."""

PROGRAM = """
[program:{name}]
command={command}
directory={root}
autostart=false
autorestart=true
startsecs=2
startretries=4
stopasgroup=true
killasgroup=true
stopwaitsecs=8
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""


class Supervisor:
    """One for a home. Calls are made from one thread only."""

    def __init__(self, install: Install) -> None:
        self.install = install
        self.socket = install.run_dir / "supervisor.sock"
        if len(bytes(self.socket)) > SOCKET_PATH_LIMIT:
            digest = hashlib.sha256(bytes(self.socket)).hexdigest()[:12]
            self.socket = Path(tempfile.gettempdir()) / f"praxis-{digest}.sock"
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def _rpc(self) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def start(self, parts: list[Part]) -> None:
        """The supervisor alone; `launch` starts the parts, each when its turn comes."""
        self.socket.unlink(missing_ok=True)
        config = self.install.run_dir / "supervisord.conf"
        config.write_text(self._configuration(parts))
        self._server = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--silent", "-c", str(config)],
            cwd=ROOT,
            env=self.install.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches `up` alone, which then stops everything in order
        )
        deadline = time.monotonic() + 20
        while not self.states():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise StackProblem(f"The supervisor did not start: see {self.install.logs_dir / 'supervisord.log'}")
            time.sleep(0.05)

    def launch(self, *names: str) -> None:
        for name in names:
            self._rpc.startProcess(f"{GROUP}:{name}", False)

    def states(self) -> dict[str, dict[str, Any]]:
        """For each part: statename (RUNNING, BACKOFF, FATAL …) and pid; empty where no supervisor answers."""
        with contextlib.suppress(OSError, xmlrpc.client.Error):
            return {info["name"]: info for info in self._rpc.getAllProcessInfo()}
        return {}

    @property
    def is_alive(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def stop(self) -> None:
        """All parts at once, each with its own time to end; then the supervisor."""
        if self._server is None:
            return
        self._server.terminate()
        try:
            self._server.wait(20)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self.socket.unlink(missing_ok=True)

    def _configuration(self, parts: list[Part]) -> str:
        run, logs = self.install.run_dir, self.install.logs_dir
        head = f"""[supervisord]
logfile={_escaped(logs / "supervisord.log")}
logfile_maxbytes=1MB
logfile_backups=1
pidfile={_escaped(run / "supervisord.pid")}
childlogdir={_escaped(logs)}

[unix_http_server]
file={_escaped(self.socket)}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[group:{GROUP}]
programs={",".join(part.name for part in parts)}
"""
        return head + "".join(
            PROGRAM.format(
                name=part.name,
                command=_escaped(shlex.join(part.command)),
                root=_escaped(ROOT),
                log=_escaped(logs / f"{part.name}.log"),
            )
            for part in parts
        )


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")

"""A real SFTP server for tests: asyncssh in a thread, one user, one folder."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

USER, PASSWORD = "praxis", "only-in-tests"


@dataclass(frozen=True)
class SftpServer:
    port: int
    host_key: str
    """As `ssh-keyscan` prints it."""


class _OneUser(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    """Serves `folder` as /."""
    folder.mkdir(parents=True, exist_ok=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    async def start() -> Any:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=_OneUser,
            server_host_keys=[key],
            sftp_factory=lambda connection: asyncssh.SFTPServer(connection, chroot=str(folder).encode()),
        )

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
    try:
        public = key.export_public_key().decode().strip()
        yield SftpServer(server.get_port(), f"[127.0.0.1]:{server.get_port()} {public}")
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)

"""SSRF: whatever address a caller names, and wherever, no request makes the server connect to it."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from tests.api.attacks.company import Company
from tests.api.attacks.places import Asked, operations, variants


@dataclass
class Listener:
    """A port that notes whoever connects; what a caller names in `addresses`."""

    port: int
    visits: list[bytes] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        here = f"127.0.0.1:{self.port}"
        return [f"http://{here}/x", f"//{here}/x", f"https://{here}", f"postgresql://{here}/x", f"http://[::1]@{here}/"]


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    server = socket.create_server(("127.0.0.1", 0))
    found = Listener(server.getsockname()[1])

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            found.visits.append(connection.recv(100))
            connection.close()

    threading.Thread(target=listen, daemon=True).start()
    yield found
    server.close()


def test_the_listener_would_notice(listener: Listener) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(listener.addresses[0])
    assert listener.visits.pop().startswith(b"GET /x")


@pytest.mark.parametrize("asked", operations(), ids=lambda asked: f"{asked.method} {asked.path}")
def test_no_request_makes_the_server_connect_to_an_address_in_it(
    company: Company, clients: dict[str, httpx.Client], listener: Listener, asked: Asked
) -> None:
    here = listener.addresses[0]
    headers = {"Origin": here, "Referer": here, "X-Forwarded-Host": here, "X-Forwarded-For": here, "Forwarded": here}
    company.sign_in(clients["browser"])
    for role in ("creator", "officer", "browser"):
        for path, arguments in variants(asked, company, listener.addresses):
            sent = arguments | {"headers": headers | arguments.get("headers", {})}
            clients[role].request(asked.method, path, **sent)
    assert listener.visits == []

"""A small server that speaks as a vendor documents it, and misbehaves when told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body))


Answer = tuple[int, Any]


@dataclass
class Vendor:
    """`answer` by what was asked; `faults` are used up by the requests that carry our access, in their order."""

    answer: Callable[["Vendor", Asked], Answer]
    is_token: Callable[[Asked], bool] = lambda _: False
    url: str = ""
    faults: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)
    """What it found wrong with a request: raised where the server ends."""
    generation: int = 1
    """Of its token: `expired` ends the one that is out."""

    @property
    def bearer(self) -> str:
        return f"Bearer token-{self.generation}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@contextmanager
def serving(vendor: Vendor) -> Iterator[Vendor]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(vendor))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield vendor
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        if vendor.broken:
            raise vendor.broken[0]


def _handler(vendor: Vendor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            address = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", 0))
            asked = Asked(
                self.command,
                address.path,
                dict(parse_qsl(address.query)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length).decode(),
            )
            vendor.asked.append(asked)
            fault = vendor.faults.pop(0) if vendor.faults and not vendor.is_token(asked) else ""
            if fault == "expired":
                vendor.generation += 1
            if fault in ("429", "503"):
                return self._send(int(fault), {"error": "slowly"}, {"Retry-After": "0"})
            try:
                status, content = vendor.answer(vendor, asked)
            except Exception as error:
                vendor.broken.append(error)
                status, content = 418, repr(error)
            self._send(status, content, {}, is_torn=fault == "torn")
            return None

        def _send(self, status: int, content: Any, headers: dict[str, str], *, is_torn: bool = False) -> None:
            body = b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if is_torn else body)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler

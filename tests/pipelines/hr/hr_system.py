"""A small HR system of nobody in particular: OAuth token, cursor paging, changes since; it can be told to fail."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 2


class HrSystem:
    """`people` by employee number; `faults` are taken one a request of a page: 429, 401, 'torn', 'elsewhere', 500."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.faults: list[Any] = []
        self.token, self.tokens = "", 0
        self.asked: list[str] = []
        self.url = ""
        self.clock = 0
        self.announced: int | None = None

    def put(self, number: str, **values: Any) -> None:
        self.clock += 1
        person = self.people.get(number, _person(number))
        self.people[number] = {**person, **values, "updated": f"{self.clock:06}"}

    def page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        since = query.get("since", [""])[0]
        found = [person for person in self.people.values() if person["updated"] > since]
        at = int(query.get("cursor", ["0"])[0])
        following = str(at + PAGE) if at + PAGE < len(found) else None
        meta = {"total": self.announced or len(found), "next": following, "synced": f"{self.clock:06}"}
        return {"data": {"items": found[at : at + PAGE]}, "meta": meta}


def _person(number: str) -> dict[str, Any]:
    return {
        "id": int(number),
        "name": {"full": f"Person {number}"},
        "work": {"email": f"{number}@rest.example", "title": "Engineer", "manager": None},
        "unit": {"code": "it", "name": "IT"},
        "hired": "2024-01-01",
        "left": None,
    }


@contextmanager
def hr_system() -> Iterator[HrSystem]:
    system = HrSystem()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def answer(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            told = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if told["client_secret"] != ["right"]:
                return self.answer(401, b"{}")
            system.tokens += 1
            system.token = f"token-{system.tokens}"
            return self.answer(200, json.dumps({"access_token": system.token, "expires_in": 3600}).encode())

        def do_GET(self) -> None:
            system.asked.append(self.path)
            fault = system.faults.pop(0) if system.faults else None
            if fault == 401:
                system.token = "another"
            if self.headers["Authorization"] != f"Bearer {system.token}":
                return self.answer(401, b"{}")
            if fault == 429:
                return self.answer(429, b"", Retry_After="1")
            if isinstance(fault, int) and fault != 401:
                return self.answer(fault, b"{}")
            if fault == "elsewhere":
                return self.answer(302, b"", Location="http://localhost:9/steal")
            body = json.dumps(system.page(parse_qs(urlsplit(self.path).query))).encode()
            return self.answer(200, body[: len(body) // 2] if fault == "torn" else body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    system.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()

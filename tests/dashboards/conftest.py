"""A real HTTP server that answers as the test says, and pages run by Streamlit's own test runner."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import viewer
from dashboards.client import Client
from dashboards.session import Session, Sessions
from dashboards.sign_in import Tokens
from dashboards.site import dashboards_site

NOBODY: dict[str, Any] = {
    "person": None,
    "email": "ada@example.com",
    "roles": [],
    "job_title": None,
    "org_unit": None,
    "team_size": 0,
    "reach": {"everyone": False, "org_units": []},
    "acts_for": [],
}


@dataclass
class Answers:
    """What the server says by path, as (status, body); a body that is text is sent as it is. And what it was asked."""

    by_path: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, list[str]], str | None]] = field(default_factory=list)
    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    url: str = ""

    def give(self, path: str, body: Any, status: int = 200) -> None:
        self.by_path[path] = (status, body)


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Streamlit puts each page in the place of `__main__`; processes that later tests start would run that page."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    found = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            found.asked.append((address.path, parse_qs(address.query), self.headers["Authorization"]))
            self.answer(address.path)

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.headers["Content-Type"] == "application/json":
                found.sent.append(("POST", self.path, json.loads(content)))
            found.forms.append(parse_qs(content))
            self.answer(self.path)

        def do_DELETE(self) -> None:
            found.sent.append(("DELETE", self.path, None))
            self.answer(self.path)

        def answer(self, path: str) -> None:
            status, body = found.by_path[path]
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """The test says what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("PRAXIS_API_URL", found.url)
    yield found
    server.shutdown()
    server.server_close()


def _manager() -> None:
    from dashboards.views import manager  # noqa: PLC0415  (AppTest runs this function's text alone)

    manager.page()


def _people() -> None:
    from dashboards.views import people  # noqa: PLC0415

    people.page()


def _person() -> None:
    from dashboards.views import person  # noqa: PLC0415

    person.page()


def _creator() -> None:
    from dashboards.views import creator  # noqa: PLC0415

    creator.page()


def _access() -> None:
    from dashboards.views import access  # noqa: PLC0415

    access.page()


def _audit() -> None:
    from dashboards.views import audit  # noqa: PLC0415

    audit.page()


@pytest.fixture
def signed_in(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> list[Session]:
    """Whose browser it is: the first of them."""
    sessions, later = Sessions(dashboards_site()), time.time() + 600
    tokens = Tokens("a-token", "refresh", "id", frozenset(), later, later)
    found = [session for _ in range(2) if (session := sessions.find(sessions.add(tokens)))]
    monkeypatch.setattr(sessions, "find", lambda _: found[0])
    monkeypatch.setattr(viewer, "sessions", lambda: sessions)
    return found


@pytest.fixture
def offered(answers: Answers, signed_in: list[Session]) -> Callable[..., AppTest]:
    """`offered(roles=["creator"])` is what the dashboards open with for such an account, by default of no person."""

    def run(**me: Any) -> AppTest:
        answers.give("/me", {**NOBODY, **me})
        app = AppTest.from_file(str(Path(viewer.__file__).parent / "main.py"), default_timeout=20).run()
        assert not app.exception
        return app

    return run


@pytest.fixture
def shown(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """`shown("manager")` is that page as a signed-in viewer sees it; other words are what /me says of them."""
    monkeypatch.setattr(viewer, "client", lambda: Client(lambda: "a-token"))
    pages = {
        "manager": _manager,
        "people": _people,
        "person": _person,
        "creator": _creator,
        "audit": _audit,
        "access": _access,
    }

    def run(name: str, *, person: str | None = None, **me: Any) -> AppTest:
        answers.give("/me", {**NOBODY, "team_size": 3, **me})
        app = AppTest.from_function(pages[name], default_timeout=20)
        if person:
            app.query_params["person"] = person
        app.run()
        assert not app.exception
        return app

    return run

"""The step of `./praxis test` that asks for known vulnerabilities, against a database of our own over real HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stack.advisories import NOT_CHECKED, main

FOUND = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-1"],
    "summary": "Bad",
    "published": "2026-01-01T00:00:00Z",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "urllib3", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}],
        }
    ],
}


@contextmanager
def database(vulnerable: str = "", status: int = 200) -> Iterator[str]:
    """Speaks OSV's protocol; knows one vulnerability of this package."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            content = json.dumps({"vulns": [FOUND]} if asked["package"]["name"] == vulnerable else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """The test says what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


def test_a_known_vulnerability_fails_and_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    with database(vulnerable="urllib3") as url:
        assert main(url) == 1
    told = "".join(capfd.readouterr())
    assert "urllib3" in told
    assert "PYSEC-2026-1, fixed in 999" in told


def test_nothing_known_passes_and_says_how_many_were_asked(capfd: pytest.CaptureFixture[str]) -> None:
    with database() as url:
        assert main(url) == 0
    told = "".join(capfd.readouterr())
    assert int(told.split(" packages")[0].split()[-1]) > 100


@pytest.mark.parametrize("is_there", [False, True])
def test_a_database_that_can_not_be_asked_is_no_verdict(capfd: pytest.CaptureFixture[str], is_there: bool) -> None:
    with database(status=503) as broken:
        assert main(broken if is_there else "http://127.0.0.1:9/v1/query") == NOT_CHECKED
    assert "NOT CHECKED" in "".join(capfd.readouterr())

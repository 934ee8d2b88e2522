"""Path traversal: no path, and no name that somebody gives, leads out of the folder that it is meant for."""

import http.client
from pathlib import Path

import pytest

from stack.hr import drop
from stack.install import Install
from stack.problems import StackProblem
from tests.api.attacks.company import Company

FOLDERS = ["/media/", "/static/", "/static/../", "/static-offline-docs/", "/docs/", "/"]
UP = [
    "../" * 8 + "etc/passwd",
    "..%2f" * 8 + "etc/passwd",
    "%2e%2e/" * 8 + "etc/passwd",
    "%252e%252e%252f" * 8 + "etc/passwd",
    "..\\" * 8 + "etc\\passwd",
    "..%5c" * 8 + "etc%5cpasswd",
    "....//" * 8 + "etc/passwd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "..%00/etc/passwd",
    "%c0%ae%c0%ae/" * 8 + "etc/passwd",
    "../pages.py",
    "..%2fpages.py",
    "../templates/sign_in.html",
    "../../../secrets/token_keys.json",
    "..%2f..%2f..%2fsecrets%2ftoken_keys.json",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_path_leads_out_of_what_is_served(company: Company, folder: str) -> None:
    """Sent as they are: a client library would tidy them up first."""
    connection = http.client.HTTPConnection("127.0.0.1", company.settings.api_port, timeout=30)
    for up in UP:
        for query in ("", f"?type=text/plain&expires={2**33}&signature={'0' * 64}"):
            connection.putrequest("GET", folder + up + query, skip_host=True)
            connection.putheader("Host", "praxis")
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status in (400, 403, 404, 405, 422), (folder, up, body[:200])
            assert not any(inside in body for inside in (b"root:", b"kty", b"import ", b"{%")), (folder, up)
    connection.close()


def test_what_is_served_is_there_so_the_refusals_above_mean_something(company: Company) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", company.settings.api_port, timeout=30)
    connection.request("GET", "/static/pages.css")
    assert connection.getresponse().status == 200


@pytest.mark.parametrize(
    "source", ["../outside/demo", "..", ".", "", "demo/../../outside/demo", "/elsewhere/demo", "a/demo"]
)
def test_a_file_is_dropped_in_the_folder_of_its_source_and_nowhere_else(tmp_path: Path, source: str) -> None:
    from api.core.settings import Settings  # noqa: PLC0415

    file = tmp_path / "people.csv"
    file.write_text("a,b\n")
    install = Install(Settings(home=tmp_path / "home"), None)
    with pytest.raises(StackProblem, match="source"):
        drop(install, file, source)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]
    drop(install, file, "demo")
    assert (tmp_path / "home" / "hr" / "demo" / "people.csv").is_file()

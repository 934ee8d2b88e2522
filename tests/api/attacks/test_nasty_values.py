"""What schemathesis doesn't think of: nasty values in every parameter and field, one at a time, as every role.

PRAXIS_FUZZ=200 tries all of them everywhere, by hand before a release.

The pages that OpenAPI doesn't list are asked too, with what their own functions take.
"""

import base64
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.attacks.company import Company
from tests.api.attacks.places import Asked, Sent, filled, listed, operations, pages, variants

MOST = int(os.environ.get("PRAXIS_FUZZ", "1")) * 100
"""So many of an operation's places and values are tried by the first role that may ask, and a few by each other one."""

FEW = 3

TEXTS = [
    "",
    "\0",
    "%00",
    "\ud800",
    "' or 1=1 --",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "\r\nX-Evil: 1",
    "a" * 5000,
    "9" * 5000,
    "-1",
    "1e999",
    "NaN",
    "²",
    "२",
    "../../etc/passwd",
    "http://[",
    "https://evil.example.com/€",
    "/oauth/authorize?redirect_uri=http://[",
    "/oauth/authorize?redirect_uri=https://evil%E2%82%AC",
    "/oauth/authorize?redirect_uri=https://evil%3B%20script-src-elem%20*",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31",
    "00000000-0000-0000-0000-000000000000",
    "[" * 3000,
    "%",
    "\u202e\u0000\ufffe",
    base64.urlsafe_b64encode(b"[]").decode() + ".e30.x",
    base64.urlsafe_b64encode(b"[" * 3000).decode() + ".e30.x",
    base64.urlsafe_b64encode(b"null").decode(),
]
OTHERS: list[Any] = [None, True, 0, -1, 2**63, 2**200, 1.5, [], [[]], {}, {"a": {"b": []}}, [None], "x" * 200_000]


def nasty(asked: Asked, company: Company) -> Iterator[Sent]:
    """One place made nasty in each, then the whole body."""
    yield from variants(asked, company, TEXTS, OTHERS)
    if asked.method != "GET":
        for content, kind in BODIES:
            yield filled(asked.path, company, {}), {"content": content, "headers": {"Content-Type": kind}}


PART = b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n\\ud800\r\n--x--\r\n'
BODIES = [
    (b"", "application/json"),
    (b"\xff\xfe", "application/json"),
    (b"[" * 100_000, "application/json"),
    (b'"\\ud800"', "application/json"),
    (b"{" + b'"a":{' * 5000, "application/json"),
    (b"x", ""),
    (b"x", "application/json; charset=undefined"),
    (b"token=%ff%fe&grant_type=%ed%a0%80", "application/x-www-form-urlencoded"),
    (b"&".join(b"a%d=1" % n for n in range(3000)), "application/x-www-form-urlencoded"),
    (b"request_query=" + b"a%26" * 1000, "application/x-www-form-urlencoded"),
    (b"token=" + b"a" * 2_000_000, "application/x-www-form-urlencoded"),
    (PART, "multipart/form-data; boundary=x"),
    (PART, "multipart/form-data; boundary=x; charset=undefined"),
    (PART, "multipart/form-data; boundary=x; charset=unicode_escape"),
    (PART[:40], "multipart/form-data; boundary=x"),
    (PART, "multipart/form-data"),
]


def test_all_that_is_served_is_asked() -> None:
    assert {"/sign-in", "/oauth/authorize", "/account/password", "/media/{sha256}"} <= {page.path for page in pages()}
    assert {"/me", "/oauth/token"} <= {operation.path for operation in listed()}


@pytest.mark.parametrize("asked", operations(), ids=lambda asked: f"{asked.method} {asked.path}")
def test_no_value_in_any_place_breaks_the_server(
    company: Company, clients: dict[str, httpx.Client], asked: Asked
) -> None:
    """The first role that may ask tries most, the others some, each other ones. See `is_told` for what is expected."""
    company.sign_in(clients["browser"])  # an operation before this one may have signed it out
    is_tried, tries = False, list(nasty(asked, company))
    for number, role in enumerate(sorted(clients, key=lambda role: (role == "browser") != asked.is_page)):
        client = clients[role]
        first = client.request(asked.method, filled(asked.path, company, {}), json=asked.body)
        may = first.status_code not in (401, 403)
        is_first = may and not is_tried and asked.path != "/account/password"  # argon2 takes its time
        every = len(tries) // (MOST if is_first else FEW) | 1  # odd, so that each place gets other values
        is_tried |= may
        for path, arguments in tries[number % every :: every]:
            answer = client.request(asked.method, path, **arguments)
            told = (role, path, str(arguments)[:300], answer.text[:500])
            assert answer.status_code not in (500, 503), told
            assert answer.is_success or answer.is_redirect or is_told(answer), told
            assert not {"x-evil", "script-src-elem"} & {*answer.headers, *policy_of(answer)}, told


def policy_of(answer: httpx.Response) -> set[str]:
    """The names of the directives that a page's policy has."""
    directives = answer.headers.get("content-security-policy", "").split(";")
    return {directive.split()[0] for directive in directives if directive.strip()}


def is_told(answer: httpx.Response) -> bool:
    """Pages answer with a page; what is no success is otherwise a problem document, or an OAuth error."""
    kind = answer.headers.get("content-type", "").split(";")[0]
    is_page = kind == "text/html" and "<h1" in answer.text
    return is_page or kind == "application/problem+json" or (kind == "application/json" and "error" in answer.json())

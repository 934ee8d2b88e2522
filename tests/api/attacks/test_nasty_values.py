"""What schemathesis doesn't think of: nasty values in every parameter and field, one at a time, as every role.

The pages that OpenAPI doesn't list are asked too, with what their own functions take.
"""

import base64
import itertools
import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from api.app import ROUTERS, create_app
from api.core.settings import Settings
from tests.api.attacks.company import ROLES, Company
from tests.api.attacks.test_openapi import METHODS

FEW = 8
"""Of so many values one is tried by each role but the first."""

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


def storable(text: str) -> str:
    """As a client can send it at all in an address."""
    return text.encode("utf-8", "replace").decode()


@dataclass
class Asked:
    """One request that is right, and the places in it to put something nasty."""

    method: str
    path: str
    places: list[tuple[str, str]] = field(default_factory=list)
    body: Any = None
    is_page: bool = False


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    named = schemas.get(str(schema.get("$ref", "")).rsplit("/", 1)[-1], schema)
    return named.get("example", {})


def listed() -> list[Asked]:
    """Every operation of OpenAPI."""
    document = create_app(Settings()).openapi()
    found = []
    for path, item in document["paths"].items():
        for method, about in item.items():
            if method not in METHODS:
                continue
            places = [(p["in"], p["name"]) for p in about.get("parameters", [])]
            asked = Asked(method.upper(), path, places)
            for kind, content in about.get("requestBody", {}).get("content", {}).items():
                is_form = kind.endswith("urlencoded")
                asked.body = content.get("example") or example_of(content["schema"], document["components"]["schemas"])
                names = content["schema"].get("properties", asked.body) if is_form else asked.body
                asked.places += [("form" if is_form else "body", name) for name in names]
            found.append(asked)
    return found


def pages() -> list[Asked]:
    """Every page that OpenAPI doesn't list, with what its function takes, and what /oauth/authorize reads by itself."""
    found = []
    for route in itertools.chain.from_iterable(module.router.routes for module in ROUTERS):
        if not isinstance(route, APIRoute) or route.include_in_schema:
            continue
        takes = route.dependant
        kinds = {"path": takes.path_params, "query": takes.query_params, "form": takes.body_params}
        places = [(where, parameter.alias) for where, parameters in kinds.items() for parameter in parameters]
        if route.path == "/oauth/authorize":
            places += [("query", name) for name in AUTHORIZE]
        found += [Asked(method, route.path, places, is_page=True) for method in sorted(route.methods or ())]
    return found


AUTHORIZE = {
    "client_id": "praxis-docs",
    "redirect_uri": "",
    "response_type": "code",
    "scope": "openid learning",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
    "state": "s",
    "nonce": "n",
    "prompt": "consent",
    "max_age": "99999",
    "login_hint": "ada@example.com",
}
"""A request that leads to the consent page, so that each value is read."""


def operations() -> list[Asked]:
    return [*listed(), *pages()]


def filled(path: str, company: Company, changes: dict[str, str]) -> str:
    given = {"code": company.code, "sha256": company.media["sha256"]} | changes
    for name, value in given.items():
        path = path.replace("{" + name + "}", httpx.QueryParams({"x": value}).__str__()[2:].replace("+", "%20"))
    while "{" in path:
        name = path[path.index("{") + 1 : path.index("}")]
        path = path.replace("{" + name + "}", (company.ids.get(name) or [str(uuid.uuid4())])[0])
    return path


def nasty(asked: Asked, company: Company) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, arguments of the request), each with one place made nasty."""
    right = {name: company.media[name] for where, name in asked.places if where == "query" and name in company.media}
    if asked.path == "/oauth/authorize":
        right = AUTHORIZE | {"redirect_uri": f"{company.url}/docs/oauth2-redirect"}
    for (where, name), text in itertools.product(asked.places, TEXTS):
        value = storable(text)
        if where == "path":
            yield filled(asked.path, company, {name: value}), {"params": right}
        elif where == "query":
            yield filled(asked.path, company, {}), {"params": right | {name: value}}
        elif where == "form":
            yield filled(asked.path, company, {}), {"data": (asked.body or {}) | {name: value}}
    for (where, name), value in itertools.product(asked.places, [*TEXTS, *OTHERS]):
        if where == "body":
            content = json.dumps(asked.body | {name: value})
            yield filled(asked.path, company, {}), {"content": content, "headers": {"Content-Type": "application/json"}}
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


@pytest.fixture(scope="session")
def clients(company: Company) -> Iterator[dict[str, httpx.Client]]:
    """One for each role, and a browser that is signed in."""
    with ExitStack() as stack:
        found = {}
        for role in [*ROLES, "browser"]:
            headers = {"Sec-Fetch-Site": "same-origin"} | ({} if role == "browser" else company.headers(role))
            found[role] = stack.enter_context(httpx.Client(base_url=company.url, timeout=30, headers=headers))
        yield found


@pytest.mark.parametrize("asked", operations(), ids=lambda asked: f"{asked.method} {asked.path}")
def test_no_value_in_any_place_breaks_the_server(
    company: Company, clients: dict[str, httpx.Client], asked: Asked
) -> None:
    """The first role that may ask tries all, the others some, each other ones. See `is_told` for what is expected."""
    company.sign_in(clients["browser"])  # an operation before this one may have signed it out
    is_tried = False
    for number, role in enumerate(sorted(clients, key=lambda role: (role == "browser") != asked.is_page)):
        client = clients[role]
        first = client.request(asked.method, filled(asked.path, company, {}), json=asked.body)
        may = first.status_code not in (401, 403)
        every = 1 if may and not is_tried else FEW
        is_tried |= may
        for path, arguments in itertools.islice(nasty(asked, company), number % every, None, every):
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

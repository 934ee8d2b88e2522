"""Every answer that is no success is a problem document, and OpenAPI says so."""

import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from api import health
from api.app import create_app
from api.core.db import asyncpg_url
from api.core.limits import MOST_BYTES
from api.core.settings import Settings
from tests.factories import make_person
from tests.openapi import document

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
async def creator(committed: AsyncSession, token_for: Callable[..., dict[str, str]]) -> dict[str, str]:
    """Who may do most: others are refused before their body is read."""
    person = await make_person(committed)
    await committed.commit()
    return token_for(person.id, "employee", "creator")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/courses", 405), ("GET", "/media/x", 422), ("POST", "/enroll", 401)],
)
async def test_an_error_is_a_problem_document(api: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    answer = await api.request(method, path, content=b"{")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail", "instance"} <= set(answer.json())


async def test_health_says_that_the_process_lives_and_the_database_is_ready(api: httpx.AsyncClient) -> None:
    assert (await api.get("/health/live")).json()["status"] == "live"
    ready = await api.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


async def test_a_database_that_is_away_is_a_503_that_says_to_try_again(settings: Settings) -> None:
    away = Settings(home=settings.home, database_url="postgresql://postgres:x@127.0.0.1:9/none")
    app = create_app(away)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        assert (await client.get("/health/live")).status_code == 200
        answer = await client.get("/health/ready")
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"course_id": "x"}',
        b'{"course_id": 1e999}',
        b'{"course_id": "\\u0000"}',
        b'{"course_id": "\\ud800"}',
        b'{"course_id": ' + b"9" * 5000 + b"}",
    ],
)
@pytest.mark.parametrize("path", ["/create-course", "/publish-course", "/enroll", "/progress", "/engagement"])
async def test_a_malformed_body_is_never_a_500(
    api: httpx.AsyncClient, creator: dict[str, str], path: str, body: bytes
) -> None:
    answer = await api.post(path, content=body, headers=creator | {"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) in [
        (400, "application/problem+json"),
        (422, "application/problem+json"),
    ]


@pytest.mark.parametrize("path", ["/create-course", "/engagement"])
@pytest.mark.parametrize("is_declared", [True, False])
async def test_a_body_without_end_is_a_413(
    api: httpx.AsyncClient, creator: dict[str, str], path: str, is_declared: bool
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 64 * 1024 * 1024:
            sent += 1024 * 1024
            yield b" " * 1024 * 1024

    headers = creator | {"Content-Type": "application/json"}
    headers |= {"Content-Length": str(MOST_BYTES + 1)} if is_declared else {}
    answer = await api.post(path, content=endless(), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


async def test_readiness_names_the_migration_that_is_missing(
    api: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "newest_migration", lambda: "9999")
    answer = await api.get("/health/ready")
    assert answer.status_code == 503
    assert "needs 9999" in answer.json()["detail"]


async def test_a_pool_that_runs_dry_is_a_503_that_says_to_try_again(settings: Settings) -> None:
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        tiny = create_async_engine(asyncpg_url(settings.database_url), pool_size=1, max_overflow=0, pool_timeout=0.1)
        app.state.read_engine, usual = tiny, app.state.read_engine
        async with tiny.connect():
            answer = await client.get("/health/ready")
        app.state.read_engine = usual
        await tiny.dispose()
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


async def test_the_docs_page_asks_no_other_host(api: httpx.AsyncClient) -> None:
    home = await api.get("/docs")
    assert home.status_code == 200
    files = re.findall(r'(?:src|href)="([^"]+)"', home.text)
    assert files
    assert [(await api.get(file)).status_code for file in files] == [200] * len(files)
    assert "http://" not in home.text.replace("http://praxis", "")
    assert "https://" not in home.text


def operations() -> list[tuple[str, dict]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


OPEN = {
    "GET /health/live",
    "GET /health/ready",
    "GET /certificates/{code}",
    "GET /certificates/{code}/credential",
    "GET /issuer",
    "GET /credential-status/{number}",
    "GET /media/{sha256}",
    "GET /reports/{report_id}/file",
    "GET /media/{bundle}/{signed}/{path}",
    "GET /package-files/{bundle}/{signed}/{path}",
    "GET /oauth/jwks",
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/openid-configuration",
    "POST /oauth/token",
    "POST /oauth/revoke",
    "POST /oauth/introspect",
    "POST /oauth/backchannel-logout",
}
"""Of the last the body is signed; of the three before it the client signs in by its secret, no bearer token."""


@pytest.mark.parametrize(("name", "operation"), operations())
def test_openapi_says_all_of_an_operation(name: str, operation: dict) -> None:
    assert operation["operationId"]
    assert operation["summary"]
    assert operation["tags"]
    assert any("application/problem+json" in answer.get("content", {}) for answer in operation["responses"].values())
    assert ("security" in operation) == (name not in OPEN)
    wanted = {"400", "413"} if "requestBody" in operation else set()
    wanted |= {"401", "403"} if "security" in operation else set()
    assert wanted <= set(operation["responses"])


@pytest.mark.parametrize(("name", "operation"), operations())
def test_each_body_and_each_json_answer_has_an_example(name: str, operation: dict) -> None:
    schemas = document()["components"]["schemas"]

    def has_example(content: dict) -> bool:
        named = schemas.get(content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1], {})
        return "example" in content or "examples" in content or "example" in named or "examples" in named

    places = {"body": operation.get("requestBody", {}), **operation["responses"]}
    silent = [
        (name, place, kind)
        for place, about in places.items()
        for kind, content in about.get("content", {}).items()
        if kind.endswith("json") and not has_example(content)
    ]
    assert silent == []


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, operation in operations()]
    assert len(ids) == len(set(ids))

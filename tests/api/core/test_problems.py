"""Every answer that is no success is a problem document, and OpenAPI says so."""

import httpx
import pytest

from api.app import create_app
from api.core.settings import Settings

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/courses", 405), ("GET", "/media/x", 422), ("POST", "/sessions", 422)],
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


def operations() -> list[tuple[str, dict]]:
    document = create_app(Settings()).openapi()
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


@pytest.mark.parametrize(("name", "operation"), operations())
def test_openapi_is_complete(name: str, operation: dict) -> None:
    assert operation["operationId"]
    assert operation["summary"]
    assert operation["tags"]
    if not name.endswith(("/health/live",)):
        assert any("application/problem+json" in r.get("content", {}) for r in operation["responses"].values()), name
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        assert "example" in content or "$ref" in schema


def test_every_schema_that_is_sent_has_an_example() -> None:
    schemas = create_app(Settings()).openapi()["components"]["schemas"]
    sent = {name: s for name, s in schemas.items() if name.endswith(("In", "Draft", "Page", "VersionOut", "MeOut"))}
    nested = {"ChoiceIn", "QuestionIn", "ModuleIn", "AnswerIn", "AttemptIn"}
    assert [name for name, schema in sent.items() if "example" not in schema and name not in nested] == []

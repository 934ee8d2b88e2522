"""What every answer tells a browser, judged by a browser where a page is concerned."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from playwright.sync_api import Page, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.core.limits import LONGEST_ADDRESS, MOST_HEADER_BYTES
from api.core.settings import Settings
from api.identity.service import hash_password
from stack.parts import proxies
from tests.conftest import _execute
from tests.factories import make_person
from tests.loops import apart
from tests.processes import browser, free_port, serving

NO_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PASSWORD = "correct horse battery staple"


@asynccontextmanager
async def application(settings: Settings, **changes: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings.model_copy(update=changes))

    @app.get("/crash")
    async def crash() -> None:
        raise ZeroDivisionError

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/live", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/courses", 401),
        ("GET", "/nowhere", 404),
        ("DELETE", "/courses", 405),
        ("GET", "/certificates/" + "x" * 41, 422),
        ("POST", "/sign-in", 403),
        ("GET", "/crash", 500),
        ("GET", "/sign-in", 200),
        ("GET", "/docs", 200),
        ("GET", "/static/pages.css", 200),
        ("GET", "/media/" + "0" * 64 + "?type=a&expires=1&signature=" + "0" * 64, 403),
    ],
)
async def test_every_answer_has_them(settings: Settings, method: str, path: str, status: int) -> None:
    async with application(settings) as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    told = answer.headers
    assert (told["x-content-type-options"], told["referrer-policy"]) == ("nosniff", "same-origin")
    assert "camera=()" in told["permissions-policy"] and told["cross-origin-opener-policy"] == "same-origin"
    assert "unsafe-" not in told["content-security-policy"] and "frame-ancestors" in told["content-security-policy"]
    assert len(told.get_list("content-security-policy")) == len(told.get_list("cache-control")) == 1
    assert "x-request-id" in told and "strict-transport-security" not in told


async def test_an_answer_that_is_data_may_do_nothing_as_a_page_and_is_not_kept(api: httpx.AsyncClient) -> None:
    for path in ("/courses", "/health/live"):
        told = (await api.get(path)).headers
        assert (told["content-security-policy"], told["cache-control"]) == (NO_PAGE, "no-store")
        assert (told["x-frame-options"], told["cross-origin-resource-policy"]) == ("DENY", "same-origin")


async def test_files_may_be_kept_and_media_shown_by_the_dashboards(settings: Settings) -> None:
    async with application(settings) as client:
        assert (await client.get("/static/inter.woff2")).headers["cache-control"] == "public, max-age=3600"
        told = (await client.get("/media/" + "0" * 64)).headers
    assert told["cross-origin-resource-policy"] == "same-site" and "x-frame-options" not in told
    assert f"frame-ancestors 'self' {settings.dashboards_url}" in told["content-security-policy"]


async def test_https_is_remembered_where_there_is_https(settings: Settings) -> None:
    async with application(settings, public_url="https://praxis.example.com") as client:
        assert (await client.get("/nowhere")).headers["strict-transport-security"] == "max-age=31536000"


async def test_no_other_site_may_call_until_it_is_named(settings: Settings) -> None:
    asks = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "GET"}
    async with application(settings) as client:
        for answer in (await client.options("/courses", headers=asks), await client.get("/courses", headers=asks)):
            assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_named_site_may_call_with_a_token_and_without_cookies(settings: Settings) -> None:
    named = "https://app.example.com, https://other.example.com:8443/"
    asks = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    async with application(settings, cors_origins=named) as client:
        for origin in ("https://app.example.com", "https://other.example.com:8443"):
            answer = await client.options("/courses", headers={**asks, "Origin": origin})
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
            assert "access-control-allow-credentials" not in answer.headers
        refused = await client.get("/courses", headers={"Origin": "https://app.example.com"})
        assert refused.headers["access-control-allow-origin"] == "https://app.example.com"  # it may read the 401
        evil = await client.get("/courses", headers={"Origin": "https://app.example.com.evil.com"})
        assert "access-control-allow-origin" not in evil.headers


@pytest.mark.parametrize("named", ["*", "https://*.example.com", "null", "app.example.com", "https://a.com/path"])
def test_whoever_would_let_any_site_in_is_told_at_the_start(settings: Settings, named: str) -> None:
    with pytest.raises(ValueError, match="PRAXIS_CORS_ORIGINS"):
        create_app(settings.model_copy(update={"cors_origins": named}))


async def test_an_address_or_headers_without_end_are_refused(settings: Settings) -> None:
    """By a real server: its parser comes first."""
    with serving(settings.model_copy(update={"api_port": (port := free_port())})):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            long = await client.get("/courses", params={"search": "x" * LONGEST_ADDRESS})
            large = await client.get(
                "/courses", headers={f"X-{n}": "x" * 4000 for n in range(MOST_HEADER_BYTES // 4000 + 1)}
            )
            fine = await client.get("/sign-in", params={"next": "/account?" + "x" * 8000})
    assert (long.status_code, large.status_code, fine.status_code) == (414, 431, 200)
    assert long.headers["content-type"] == large.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("trusted", "seen"), [("", "127.0.0.1"), ("10.0.0.1", "127.0.0.1"), ("127.0.0.1", "203.0.113.7")]
)
async def test_who_is_not_a_trusted_proxy_cannot_say_where_a_request_comes_from(
    settings: Settings, committed: AsyncSession, trusted: str, seen: str
) -> None:
    """With the command line that the stack starts the API with."""
    person = await make_person(committed, password_hash=hash_password(PASSWORD))
    await committed.commit()
    here = settings.model_copy(update={"api_port": (port := free_port())})
    headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    with serving(here, *proxies(trusted)):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
            await client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
            page = (await client.get("/account")).text
    assert (f"<td>{seen}</td>" in page) and page.count("<td>203.0.113.7</td>") == (seen == "203.0.113.7")


@pytest.fixture(scope="module")
def served(settings: Settings) -> Iterator[Settings]:
    here = settings.model_copy(update={"api_port": free_port()})
    with serving(here):
        yield here


def _is_fault(request: Request) -> bool:
    """A file that was still on its way when the page went on to the next address was called off, not refused."""
    return request.failure != "net::ERR_ABORTED"


@pytest.fixture
def watched() -> Iterator[tuple[Page, list[str]]]:
    """A page, and what the browser complains of."""
    with browser() as chromium:
        page = chromium.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("requestfailed", lambda request: said.append(f"failed: {request.url}") if _is_fault(request) else None)
        yield page, said


def test_the_sign_in_page_breaks_none_of_its_rules(served: Settings, watched: tuple[Page, list[str]]) -> None:
    page, said = watched
    page.goto(f"{served.api_url}/sign-in")
    assert page.evaluate("document.fonts.ready.then(() => getComputedStyle(document.querySelector('button')).color)")
    assert said == []


def test_the_reference_works_and_signs_in_under_its_rules(
    served: Settings, watched: tuple[Page, list[str]], database_url: str
) -> None:
    """Swagger UI without any inline script: a person signs in, and a route answers them."""
    page, said = watched
    _person(database_url)
    page.goto(f"{served.api_url}/sign-in")
    page.fill("#email", "grace@example.com")
    page.fill("#password", PASSWORD)
    page.click("button")
    page.goto(f"{served.api_url}/docs")
    page.click("button.authorize")
    page.click(".auth-container a:has-text('select all')")
    with page.expect_popup() as opened:
        page.click(".auth-btn-wrapper button.authorize")
    assert opened.value is not None
    page.wait_for_selector(".auth-btn-wrapper button:has-text('Logout')")  # the popup came back
    page.click(".auth-btn-wrapper .btn-done")
    page.click("#operations-courses-searchCourses")
    page.click("button.try-out__btn")
    page.click("button.execute")
    assert page.inner_text(".live-responses-table .response-col_status >> nth=1").strip() == "200"
    assert said == []


def _person(url: str) -> None:
    hashed = hash_password(PASSWORD)
    statement = f"""
        with person as (
            insert into person (id, display_name, email) values (uuidv7(), 'Grace', 'grace@example.com') returning id
        )
        insert into account (id, person_id, email, password_hash)
        select uuidv7(), id, 'grace@example.com', '{hashed}' from person
    """
    apart(lambda: _execute(url, statement))

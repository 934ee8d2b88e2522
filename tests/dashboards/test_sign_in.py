"""The door: real dashboards and a real API as processes, spoken to as a browser does."""

import asyncio
from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.service import hash_password
from tests.factories import make_person
from tests.loops import apart
from tests.processes import free_port, running

PASSWORD = "correct horse battery"


async def _employ(url: str) -> str:
    engine = make_engine(url, pool_size=1)
    async with AsyncSession(engine) as session:
        person = await make_person(session, "Ada Ito", password_hash=hash_password(PASSWORD))
        email = str(person.email)
        await session.commit()
    await engine.dispose()
    return email


@pytest.fixture(scope="module")
def email(database_url: str) -> str:
    return apart(lambda: asyncio.run(_employ(database_url)))


@pytest.fixture(scope="module")
def door(database_url: str, email: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = Settings(
        home=tmp_path_factory.mktemp("door"),
        database_url=database_url,
        api_port=free_port(),
        dashboards_port=free_port(),
    )
    with running(settings):
        yield settings


@pytest.fixture
def browser(door: Settings) -> Iterator[httpx.Client]:
    address = f"http://127.0.0.1:{door.dashboards_port}"
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=20) as client:
        yield client


def test_the_token_is_in_a_cookie_that_no_script_can_read(browser: httpx.Client, door: Settings, email: str) -> None:
    answer = browser.post("/sign-in", data={"email": f" {email} ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = SimpleCookie(answer.headers["set-cookie"])[f"praxis_session_{door.dashboards_port}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert int(cookie["max-age"]) == door.access_token_ttl_s
    me = httpx.get(f"http://127.0.0.1:{door.api_port}/me", headers={"Authorization": f"Bearer {cookie.value}"})
    assert me.json()["email"] == email


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(browser: httpx.Client, email: str) -> None:
    answers = [
        browser.post("/sign-in", data={"email": address, "password": "guess"}) for address in (email, "who@example.com")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("E-mail or password is wrong." in answer.text for answer in answers)
    assert answers[0].text.replace(email, "") == answers[1].text.replace("who@example.com", "")
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_an_empty_form_is_asked_for_what_is_missing(browser: httpx.Client) -> None:
    answer = browser.post("/sign-in", data={})
    assert answer.status_code == 422
    assert "Give your e-mail address and your password." in answer.text


def test_what_was_typed_comes_back_as_text_not_as_markup(browser: httpx.Client) -> None:
    answer = browser.post("/sign-in", data={"email": '"><script>alert(1)</script>$notice', "password": "x"})
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize("path", ["/", "/team", "/courses"])
def test_who_is_not_signed_in_is_led_to_the_door(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_signing_out_takes_the_cookie_and_says_so(browser: httpx.Client, door: Settings, email: str) -> None:
    browser.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert browser.get("/").status_code == 200
    answer = browser.get("/sign-out", follow_redirects=True)
    assert "You are signed out." in answer.text
    assert not browser.cookies
    assert browser.get("/").headers["location"] == "/sign-in"


def test_no_parameter_leads_to_another_site_or_into_the_page(browser: httpx.Client) -> None:
    answer = browser.get("/sign-out", params={"why": "https://evil.example", "next": "//evil.example"})
    assert answer.headers["location"] == "/sign-in?why=out"
    assert "evil" not in browser.get("/sign-in", params={"why": "<b>evil</b>", "next": "//evil.example"}).text


def test_every_answer_forbids_framing_and_sniffing(browser: httpx.Client) -> None:
    headers = browser.get("/sign-in").headers
    assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("SAMEORIGIN", "nosniff")


async def test_an_api_that_is_away_is_told_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboards.app import app  # noqa: PLC0415  (only this test runs Streamlit in this process)

    monkeypatch.setenv("PRAXIS_API_URL", f"http://127.0.0.1:{free_port()}")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dashboards") as client:
        answer = await client.post("/sign-in", data={"email": "ada@example.com", "password": "x"})
    assert answer.status_code == 503
    assert "can&#x27;t be reached" in answer.text
    assert 'value="ada@example.com"' in answer.text

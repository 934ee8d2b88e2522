"""What an attacker would try on signing in and on the session of a browser; telling no more than it must."""

import time
import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.identity.models import Account, BrowserSession
from api.identity.service import authenticate
from api.people.models import Person
from tests.api.identity.conftest import PASSWORD, App, sign_in


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example.com",
        "//evil.example.com",
        "/\\evil.example.com",
        "/\t/evil.example.com",
        "\\\\evil.example.com",
        "javascript:alert(1)",
        "/%0d%0aLocation:https://evil.example.com\r\nx",
        "evil",
        "/" * 5000,
    ],
)
async def test_a_sign_in_leads_to_no_other_site(browser: httpx.AsyncClient, ada: Person, wanted: str) -> None:
    shown = await browser.get("/sign-in", params={"next": wanted})
    assert 'name="next" value="/account"' in shown.text
    assert (await sign_in(browser, ada, next=wanted)).headers["location"] == "/account"


async def test_a_session_that_was_planted_before_the_sign_in_is_not_the_one_after(
    browser: httpx.AsyncClient, ada: Person, settings: Settings, committed: AsyncSession
) -> None:
    name = f"praxis_{settings.api_port}"
    browser.cookies.set(name, "planted", domain="praxis")
    answer = await sign_in(browser, ada)
    assert "planted" not in answer.headers["set-cookie"]
    first = answer.cookies[name]
    second = (await sign_in(browser, ada)).cookies[name]
    assert first != second
    async with httpx.AsyncClient(transport=browser._transport, base_url="http://praxis") as thief:
        thief.cookies.set(name, first)
        assert (await thief.get("/account")).status_code == 303
    stored = (await committed.scalars(select(BrowserSession.secret_hash))).all()
    assert first.encode() not in stored


async def test_the_cookie_is_read_by_no_script_and_sent_by_no_other_site(
    browser: httpx.AsyncClient, ada: Person
) -> None:
    cookie = (await sign_in(browser, ada)).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


async def test_a_cookie_over_https_is_bound_to_its_host(settings: Settings, ada: Person) -> None:
    from api.app import create_app  # noqa: PLC0415

    app = create_app(settings.model_copy(update={"public_url": "https://praxis.example.com"}))
    transport = httpx.ASGITransport(app)
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://praxis.example.com", headers=headers) as client,
    ):
        cookie = (await sign_in(client, ada)).headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "secure" in cookie.lower()
    assert "domain" not in cookie.lower()


CROSS_SITE: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example.com"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://praxis:8501"},
    {"Sec-Fetch-Site": "", "Origin": "https://evil.example.com"},
    {"Sec-Fetch-Site": "", "Origin": "null"},
    {"Sec-Fetch-Site": ""},
]


@pytest.mark.parametrize("sent", CROSS_SITE)
@pytest.mark.parametrize(
    "path", ["/sign-out", "/account/password", "/account/sessions/end", "/oauth/authorize", "/oauth/logout", "/enroll"]
)
async def test_another_site_can_not_act_with_the_browsers_session(app: App, path: str, sent: dict[str, str]) -> None:
    sent = {name: value for name, value in sent.items() if value}
    del app.browser.headers["Sec-Fetch-Site"]
    answer = await app.browser.post(path, json={}, headers=sent)
    assert answer.status_code == 403
    assert (await app.browser.get("/account")).status_code == 200


async def test_another_site_can_not_sign_a_browser_in_as_somebody_else(browser: httpx.AsyncClient, ada: Person) -> None:
    del browser.headers["Sec-Fetch-Site"]
    answer = await browser.post(
        "/sign-in", data={"email": ada.email, "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, bool(browser.cookies)) == (403, False)


async def test_the_session_works_for_the_api_from_its_own_pages(app: App, ada: Person) -> None:
    assert (await app.browser.get("/me")).json()["person"]["id"] == str(ada.id)
    answer = await app.browser.post("/enroll", json={"course_id": str(uuid.uuid4())})
    assert answer.status_code == 404


async def test_one_account_can_not_end_anothers_session(app: App, committed: AsyncSession, ada: Person) -> None:
    theirs = await committed.scalar(select(BrowserSession.id).where(BrowserSession.account_id == ada.id))
    account = await committed.scalar(select(Account).where(Account.person_id == ada.id))
    other = await committed.scalar(select(Account.id).where(Account.id != ada.id).limit(1))
    assert account
    if other is None:
        other_account = Account(email="other@example.com")
        committed.add(other_account)
        await committed.flush()
        other = other_account.id
    foreign = BrowserSession(secret_hash=b"x" * 32, account_id=other, method="password", expires_at=_later())
    committed.add(foreign)
    await committed.commit()
    await app.browser.post("/account/sessions/end", data={"session_id": str(foreign.id)})
    await committed.refresh(foreign)
    assert foreign.ended_at is None
    assert theirs


def _later() -> Any:
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    return datetime.now(UTC) + timedelta(hours=1)


async def test_a_changed_password_signs_out_everywhere_else(
    app: App, browser: httpx.AsyncClient, ada: Person, api: httpx.AsyncClient
) -> None:
    async with httpx.AsyncClient(
        transport=browser._transport, base_url="http://praxis", headers=browser.headers
    ) as other:
        await sign_in(other, ada)
        short = await browser.post("/account/password", data={"current": PASSWORD, "new": "short", "again": "short"})
        assert short.status_code == 422
        wrong = await browser.post("/account/password", data={"current": "no", "new": "n" * 20, "again": "n" * 20})
        assert wrong.status_code == 422
        new = "quiet maple over the north ridge"
        done = await browser.post("/account/password", data={"current": PASSWORD, "new": new, "again": new})
        assert done.headers["location"] == "/account?done=password"
        assert (await other.get("/account")).status_code == 303
        assert (await browser.get("/account")).status_code == 200
        assert (await sign_in(other, ada, new)).status_code == 303


async def test_unknown_and_wrong_take_the_same_time(session: AsyncSession, ada: Person) -> None:
    async def median_s(email: str) -> float:
        times = []
        for _ in range(7):
            began = time.perf_counter()
            with pytest.raises(Exception, match="wrong"):
                await authenticate(session, email=email, password="guess")
            times.append(time.perf_counter() - began)
        return sorted(times)[3]

    await median_s("warm@example.com")
    known, unknown = await median_s(str(ada.email)), await median_s("nobody@example.com")
    assert 0.5 < known / unknown < 2

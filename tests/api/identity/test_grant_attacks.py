"""What an attacker would try on codes, refresh tokens, clients and redirects; each must fail."""

import asyncio
import time
from urllib.parse import quote

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from api.identity.oauth_models import AuthorizationCode
from tests.api.identity.conftest import CALLBACK, VERIFIER, App, query_of
from tests.api.identity.test_oauth import bearer


async def redeem(app: App, code: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return await app.post("/oauth/token", **(form | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"code_challenge": "short"},
    ],
)
async def test_pkce_can_not_be_left_out_or_downgraded(app: App, changes: dict[str, str | None]) -> None:
    answer = await app.authorize(**changes)
    assert query_of(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "verifier", ["", "wrong-" * 10, create_s256_code_challenge(VERIFIER)], ids=["none", "wrong", "the challenge"]
)
async def test_a_stolen_code_is_worth_nothing_without_the_verifier(app: App, verifier: str) -> None:
    answer = await redeem(app, await app.code(), code_verifier=verifier)
    assert answer.status_code == 400
    assert "access_token" not in answer.json()


async def test_a_code_used_twice_ends_what_the_first_use_gave(api: httpx.AsyncClient, app: App) -> None:
    code = await app.code()
    first = (await redeem(app, code)).json()
    assert (await api.get("/me", headers=bearer(first["access_token"]))).status_code == 200
    again = await redeem(app, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await api.get("/me", headers=bearer(first["access_token"]))).status_code == 401
    refreshed = await app.post("/oauth/token", grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


async def test_of_two_uses_of_a_code_at_the_same_moment_one_wins_and_then_loses_it(app: App) -> None:
    code = await app.code()
    answers = await asyncio.gather(*(redeem(app, code) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


async def test_a_code_expires_within_a_minute(app: App, committed: AsyncSession) -> None:
    code = await app.code()
    await committed.execute(
        update(AuthorizationCode)
        .values(expires_at=AuthorizationCode.created_at)
        .where(AuthorizationCode.used_at.is_(None))
    )
    await committed.commit()
    assert (await redeem(app, code)).json()["error"] == "invalid_grant"


async def test_a_code_is_for_the_client_and_the_address_that_it_was_made_for(app: App, public_app: App) -> None:
    code = await app.code()
    assert (await redeem(public_app, code)).json()["error"] == "invalid_grant"
    assert (await redeem(app, code, redirect_uri="https://app.example.com/other")).json()["error"] == "invalid_grant"
    assert (await redeem(app, code)).status_code == 200


async def test_a_refresh_token_used_twice_ends_the_sign_in_for_the_thief_and_the_owner(
    api: httpx.AsyncClient, app: App
) -> None:
    stolen = (await app.tokens())["refresh_token"]
    owner = (await app.post("/oauth/token", grant_type="refresh_token", refresh_token=stolen)).json()
    thief = await app.post("/oauth/token", grant_type="refresh_token", refresh_token=stolen)
    assert (thief.status_code, thief.json()["error"]) == (400, "invalid_grant")
    after = await app.post("/oauth/token", grant_type="refresh_token", refresh_token=owner["refresh_token"])
    assert after.json()["error"] == "invalid_grant"
    assert (await api.get("/me", headers=bearer(owner["access_token"]))).status_code == 401


async def test_a_refresh_token_is_for_its_client_only(app: App, public_app: App) -> None:
    token = (await app.tokens())["refresh_token"]
    answer = await public_app.post("/oauth/token", grant_type="refresh_token", refresh_token=token)
    assert answer.json()["error"] == "invalid_grant"
    assert (await app.post("/oauth/token", grant_type="refresh_token", refresh_token=token)).status_code == 200


@pytest.mark.parametrize("secret", ["", "wrong", None])
async def test_a_confidential_client_must_prove_itself(app: App, secret: str | None) -> None:
    code = await app.code()
    posing = App(app.client_id, secret, app.browser)
    answer = await redeem(posing, code)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_service_gets_no_more_than_it_was_registered_for(app: App, service: App) -> None:
    answer = await service.post("/oauth/token", grant_type="client_credentials", scope="reports people audit")
    assert answer.json()["scope"] == "reports"
    for_a_person = await app.post("/oauth/token", grant_type="client_credentials")
    assert for_a_person.json()["error"] == "unauthorized_client"
    password = await app.post("/oauth/token", grant_type="password", username="x", password="y")
    assert password.json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.com/callback",
        "https://app.example.com/callback/../evil",
        "https://app.example.com/callback?x=1",
        "https://app.example.com/callback#x",
        "https://app.example.com.evil.com/callback",
        "https://app.example.com@evil.com/callback",
        "http://app.example.com/callback",
        "https://app.example.com/Callback",
        "//evil.example.com",
        "javascript:alert(1)",
        'https://app.example.com/callback"><script>',
        "https://app.example.com/callbackä",
        "",
    ],
)
async def test_nobody_is_sent_to_an_address_that_the_client_did_not_register(app: App, address: str) -> None:
    answer = await app.authorize(redirect_uri=address)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert "<script>" not in answer.text


@pytest.mark.parametrize("parameter", ["request", "request_uri", "sector_identifier_uri", "jwks_uri"])
async def test_no_address_that_a_client_sends_is_fetched(app: App, parameter: str) -> None:
    """SSRF: nothing listens there, and nothing tries; a fetch would fail or hang."""
    began = time.monotonic()
    answer = await app.authorize(**{parameter: "http://10.255.255.1/metadata"})
    assert answer.status_code in (200, 303)
    assert time.monotonic() - began < 2


async def test_a_parameter_that_comes_twice_is_refused(app: App) -> None:
    twice = f"response_type=code&client_id={app.client_id}&redirect_uri={quote(CALLBACK)}&redirect_uri=https://evil.com"
    answer = await app.browser.get(f"/oauth/authorize?{twice}")
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    body = f"grant_type=refresh_token&refresh_token=a&refresh_token=b&client_id={app.client_id}"
    sent = await app.browser.post(
        "/oauth/token", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert (sent.status_code, sent.json()["error"]) == (400, "invalid_request")

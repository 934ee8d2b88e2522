"""The authorization server, driven by Authlib's own client; what it promises by its standards."""

import asyncio
import base64
import hashlib
import time

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.identity.oauth_clients import DASHBOARDS, disable_client
from api.identity.tokens import rotate_keys
from api.people.models import Person
from tests.api.identity.conftest import CALLBACK, VERIFIER, App, query_of, sign_in


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_person_signs_in_allows_an_application_and_it_acts_for_them(
    api: httpx.AsyncClient, app: App, ada: Person
) -> None:
    asked = await app.authorize()
    assert "A planner" in asked.text
    assert "enrol, learn and read your certificates" in asked.text
    tokens = await app.tokens()
    assert tokens["scope"] == "openid email learning"
    me = await api.get("/me", headers=bearer(tokens["access_token"]))
    assert me.json()["person"]["id"] == str(ada.id)


async def test_an_access_token_has_the_shape_of_rfc_9068(api: httpx.AsyncClient, app: App, ada: Person) -> None:
    token = (await app.tokens())["access_token"]
    keys = KeySet.import_key_set((await api.get("/oauth/jwks")).json())
    decoded = jwt.decode(token, keys, algorithms=["EdDSA"])
    assert (decoded.header["typ"], decoded.header["kid"] in {key.kid for key in keys.keys}) == ("at+jwt", True)
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"} <= set(decoded.claims)
    assert decoded.claims["client_id"] == app.client_id
    assert 0 < decoded.claims["exp"] - time.time() <= 600


async def test_the_id_token_is_for_the_client_with_its_nonce_and_the_hash_of_the_access_token(
    api: httpx.AsyncClient, app: App, ada: Person, settings: Settings
) -> None:
    tokens = await app.tokens(nonce="n-42")
    keys = KeySet.import_key_set((await api.get("/oauth/jwks")).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["EdDSA"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (settings.api_url, app.client_id, "n-42")
    half = hashlib.sha512(tokens["access_token"].encode()).digest()[:32]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).decode().rstrip("=")
    assert claims["email"] == ada.email
    assert (await api.get("/me", headers=bearer(tokens["id_token"]))).status_code == 401


async def test_userinfo_tells_what_the_scopes_allow(api: httpx.AsyncClient, app: App, ada: Person) -> None:
    tokens = await app.tokens(scope="openid email")
    told = (await api.get("/oauth/userinfo", headers=bearer(tokens["access_token"]))).json()
    assert (told["sub"], told["email"], "name" in told) == (str(ada.id), ada.email, False)
    without = await app.tokens(scope="learning")
    assert (await api.get("/oauth/userinfo", headers=bearer(without["access_token"]))).status_code == 403


async def test_both_metadata_documents_name_endpoints_that_are_there(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    told = (await api.get("/.well-known/openid-configuration")).json()
    assert told == (await api.get("/.well-known/oauth-authorization-server")).json()
    assert told["issuer"] == settings.api_url
    for name, address in told.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            path = address.removeprefix(settings.api_url)
            answer = await api.get(path)
            assert answer.status_code != 404, path


async def test_a_refresh_token_gives_new_tokens_and_a_new_refresh_token(api: httpx.AsyncClient, app: App) -> None:
    first = await app.tokens()
    async with app.client(token=first) as client:
        second = await client.refresh_token("/oauth/token", refresh_token=first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert (await api.get("/me", headers=bearer(second["access_token"]))).status_code == 200


async def test_a_refreshed_token_has_at_most_the_scope_that_was_granted(app: App) -> None:
    first = await app.tokens(scope="openid learning")
    answer = await app.post(
        "/oauth/token", grant_type="refresh_token", refresh_token=first["refresh_token"], scope="learning courses"
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_a_service_acts_for_itself_and_has_no_person(api: httpx.AsyncClient, service: App) -> None:
    async with service.client() as client:
        tokens = await client.fetch_token("/oauth/token", grant_type="client_credentials")
    assert (tokens["scope"], "refresh_token" in tokens, "id_token" in tokens) == ("reports", False, False)
    answer = await api.get("/progress", headers=bearer(tokens["access_token"]))
    assert answer.status_code == 403


async def test_a_revoked_token_ends_its_sign_in_and_again_is_harmless(api: httpx.AsyncClient, app: App) -> None:
    tokens = await app.tokens()
    for _ in range(2):
        assert (await app.post("/oauth/revoke", token=tokens["refresh_token"])).status_code == 200
    assert (await api.get("/me", headers=bearer(tokens["access_token"]))).status_code == 401
    refreshed = await app.post("/oauth/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    assert (await app.post("/oauth/revoke", token="unknown")).status_code == 200


async def test_introspection_tells_a_good_token_from_a_dead_one(app: App, ada: Person) -> None:
    tokens = await app.tokens()
    for name in ("access_token", "refresh_token"):
        told = (await app.post("/oauth/introspect", token=tokens[name])).json()
        assert (told["active"], told["sub"], told["client_id"]) == (True, str(ada.id), app.client_id)
    await app.post("/oauth/revoke", token=tokens["access_token"])
    for name in ("access_token", "refresh_token"):
        assert (await app.post("/oauth/introspect", token=tokens[name])).json() == {"active": False}
    assert (await app.post("/oauth/introspect", token="garbage")).json() == {"active": False}


async def test_introspection_tells_a_client_nothing_of_anothers_token(app: App, service: App) -> None:
    tokens = await app.tokens()
    assert (await service.post("/oauth/introspect", token=tokens["access_token"])).json() == {"active": False}
    refused = await service.post("/oauth/revoke", token=tokens["access_token"])
    assert refused.status_code == 400
    assert (await app.post("/oauth/introspect", token=tokens["access_token"])).json()["active"] is True


async def test_praxis_own_pages_need_no_consent(app: App, settings: Settings) -> None:
    own = App(DASHBOARDS, None, app.browser)
    answer = await own.authorize(redirect_uri=f"{settings.dashboards_url}/sign-in/callback", scope="openid reports")
    assert answer.status_code == 303
    assert query_of(answer)["iss"] == settings.api_url


async def test_who_says_no_sends_the_application_away_with_access_denied(app: App) -> None:
    asked = await app.authorize()
    query = asked.text.split('name="request_query" value="')[1].split('"')[0].replace("&amp;", "&")
    answer = await app.browser.post("/oauth/authorize", data={"request_query": query, "decision": "deny"})
    assert (query_of(answer)["error"], query_of(answer)["state"]) == ("access_denied", "xyz")


async def test_prompt_none_asks_nobody_and_prompt_login_asks_again(app: App) -> None:
    assert query_of(await app.authorize(prompt="none"))["error"] == "consent_required"
    again = await app.authorize(prompt="login")
    assert again.headers["location"].startswith("/sign-in?next=")
    assert "prompt" not in query_of(again)["next"]
    app.browser.cookies.clear()
    assert query_of(await app.authorize(prompt="none"))["error"] == "login_required"


async def test_signing_off_ends_every_sign_in_that_came_by_the_session(api: httpx.AsyncClient, app: App) -> None:
    tokens, kept = await app.tokens(), await app.tokens(scope="openid learning offline_access")
    assert (await app.browser.post("/sign-out")).headers["location"] == "/sign-in?why=out"
    assert (await api.get("/me", headers=bearer(tokens["access_token"]))).status_code == 401
    assert (await api.get("/me", headers=bearer(kept["access_token"]))).status_code == 200


async def test_an_application_signs_its_person_off_with_the_id_token(app: App, settings: Settings) -> None:
    tokens = await app.tokens()
    asked = await app.browser.get("/oauth/logout")
    assert "Sign out?" in asked.text
    answer = await app.browser.get("/oauth/logout", params={"id_token_hint": tokens["id_token"]})
    assert answer.headers["location"] == "/sign-in?why=out"
    assert (await app.authorize()).headers["location"].startswith("/sign-in")


async def test_a_key_is_rotated_without_signing_anybody_out_and_dropped_at_once_when_it_leaked(
    api: httpx.AsyncClient, app: App, settings: Settings
) -> None:
    before = (await app.tokens())["access_token"]
    rotate_keys(settings)
    await asyncio.sleep(1.1)
    after = (await app.tokens())["access_token"]
    keys = (await api.get("/oauth/jwks")).json()["keys"]
    assert len(keys) == 2
    assert all("d" not in key for key in keys)
    for token in (before, after):
        assert (await api.get("/me", headers=bearer(token))).status_code == 200
    rotate_keys(settings, keep_old=False)
    await asyncio.sleep(1.1)
    for token in (before, after):
        assert (await api.get("/me", headers=bearer(token))).status_code == 401


async def test_a_disabled_client_is_out_at_once(api: httpx.AsyncClient, app: App, committed: AsyncSession) -> None:
    tokens = await app.tokens()
    await disable_client(committed, app.client_id)
    await committed.commit()
    api._transport.app.state.access.forget()
    assert (await api.get("/me", headers=bearer(tokens["access_token"]))).status_code == 401
    assert (await app.authorize()).status_code == 400
    answer = await app.post("/oauth/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert answer.json()["error"] == "invalid_client"


async def test_a_public_application_needs_no_secret_and_any_port_of_its_loopback_address(public_app: App) -> None:
    tokens = await public_app.tokens()
    assert "access_token" in tokens
    answer = await public_app.authorize(redirect_uri="http://127.0.0.1:53211/cb")
    assert answer.status_code == 200
    assert (await public_app.authorize(redirect_uri="http://127.0.0.1:53211/other")).status_code == 400


@pytest.mark.parametrize("wrong", ["not the password", ""])
async def test_a_wrong_password_says_so_and_opens_no_session(
    browser: httpx.AsyncClient, ada: Person, wrong: str
) -> None:
    answer = await sign_in(browser, ada, wrong)
    assert answer.status_code in (401, 422)
    assert 'role="alert"' in answer.text
    assert not browser.cookies
    assert (await browser.get("/account")).headers["location"].startswith("/sign-in")


async def test_after_the_sign_in_one_is_where_one_wanted_to_go(app: App) -> None:
    app.browser.cookies.clear()
    asked = await app.authorize()
    following = query_of(asked)["next"]
    assert following.startswith("/oauth/authorize?")
    shown = await app.browser.get(asked.headers["location"])
    assert f"form-action 'self' {CALLBACK.removesuffix('/callback')}" in shown.headers["content-security-policy"]
    assert VERIFIER not in following

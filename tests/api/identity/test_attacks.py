"""What an attacker would try on signing in and on tokens; each must fail, telling no more than it must."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.identity.models import Account, BrowserSession
from api.identity.oauth_models import AuthorizationCode, OAuthClient
from api.identity.service import authenticate, ensure_accounts, grant_role
from api.identity.tokens import SigningKeys, operator_token
from api.people.models import Person
from tests.api.identity.conftest import CALLBACK, PASSWORD, VERIFIER, App, query_of, sign_in
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


@pytest.mark.parametrize("verifier", ["", "wrong-" * 10, create_s256_code_challenge(VERIFIER)])
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


def claims(settings: Settings, account_id: uuid.UUID, **changes: object) -> dict[str, object]:
    now = int(time.time())
    return {
        "iss": settings.api_url,
        "aud": "praxis",
        "sub": str(account_id),
        "client_id": "praxis-operator",
        "scope": "learning reports",
        "roles": ["employee", "creator"],
        "iat": now,
        "exp": now + 60,
        **changes,
    }


def unsigned(*parts: object) -> str:
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


WRONG_CLAIMS: dict[str, dict[str, object]] = {
    "expired": {"exp": 1_700_000_000},
    "not yet": {"nbf": 4_000_000_000},
    "audience": {"aud": "another"},
    "issuer": {"iss": "http://evil"},
    "account": {"sub": "x"},
    "no expiry": {"exp": None},
    "no roles": {"roles": None},
    "no sign-in": {"client_id": "praxis-dashboards"},
    "a grant that is none": {"grant": str(uuid.uuid4())},
}


def forged(settings: Settings, account_id: uuid.UUID, kind: str) -> str:
    """A token with one thing wrong."""
    key = SigningKeys(settings).all()[0]
    header = {"alg": "EdDSA", "kid": key.kid, "typ": "at+jwt"}
    said = claims(settings, account_id)
    if kind in WRONG_CLAIMS:
        return jwt.encode(header, said | WRONG_CLAIMS[kind], key, algorithms=["EdDSA"])
    if kind == "other key":
        return jwt.encode(header, said, OKPKey.generate_key("Ed25519"), algorithms=["EdDSA"])
    if kind == "its own key in the header":
        own = OKPKey.generate_key("Ed25519")
        return jwt.encode(header | {"jwk": own.as_dict(private=False)}, said, own, algorithms=["EdDSA"])
    if kind == "other type":
        return jwt.encode(header | {"typ": "JWT"}, said, key, algorithms=["EdDSA"])
    if kind == "no kid":
        return jwt.encode({"alg": "EdDSA", "typ": "at+jwt"}, said, key, algorithms=["EdDSA"])
    if kind == "tampered":
        head, _, mac = jwt.encode(header, said, key, algorithms=["EdDSA"]).split(".")
        return f"{head}.{unsigned(said | {'roles': ['officer']})}.{mac}"
    if kind == "alg confusion":
        text = unsigned(header | {"alg": "HS256"}, said)
        mac = hmac.new(key.as_pem(private=False), text.encode(), hashlib.sha256).digest()
        return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    if kind == "alg none":
        return unsigned(header | {"alg": "none"}, said) + "."
    return "not.a.token"


@pytest.mark.parametrize(
    "kind",
    [
        *WRONG_CLAIMS,
        "other key",
        "its own key in the header",
        "other type",
        "no kid",
        "tampered",
        "alg confusion",
        "alg none",
        "garbage",
    ],
)
async def test_a_forged_token_is_refused(api: httpx.AsyncClient, settings: Settings, ada: Person, kind: str) -> None:
    answer = await api.get("/courses", headers=bearer(forged(settings, ada.id, kind)))
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_an_unforged_one_is_accepted_so_the_refusals_above_mean_something(
    api: httpx.AsyncClient, settings: Settings, ada: Person
) -> None:
    key = SigningKeys(settings).all()[0]
    header = {"alg": "EdDSA", "kid": key.kid, "typ": "at+jwt"}
    token = jwt.encode(header, claims(settings, ada.id), key, algorithms=["EdDSA"])
    assert (await api.get("/courses", headers=bearer(token))).status_code == 200


@pytest.mark.parametrize(
    "sent", ["Bearer", "Bearer ", "Basic YTpi", "Bearer é.é.é", "Bearer " + "a" * 10_000, "Bearer ..."]
)
async def test_a_header_that_is_no_token_is_refused(api: httpx.AsyncClient, sent: str) -> None:
    answer = await api.get("/courses", headers={"Authorization": sent.encode()})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


async def test_a_role_that_is_withdrawn_is_gone_from_tokens_that_have_it(
    api: httpx.AsyncClient, app: App, committed: AsyncSession, ada: Person
) -> None:
    token = bearer((await app.tokens(scope="courses"))["access_token"])
    draft = {"title": "T", "summary": "S", "category": "C", "difficulty": "beginner", "modules": []}
    allowed = (await api.post("/create-course", json=draft, headers=token)).status_code
    await committed.execute(Account.metadata.tables["role_grant"].delete())
    await committed.commit()
    api._transport.app.state.access.forget()
    assert allowed != 403
    assert (await api.post("/create-course", json=draft, headers=token)).status_code == 403


async def test_a_role_granted_later_is_not_in_tokens_from_before(
    api: httpx.AsyncClient, app: App, committed: AsyncSession, ada: Person
) -> None:
    token = bearer((await app.tokens(scope="learning"))["access_token"])
    await grant_role(committed, account_id=ada.id, role="officer")
    await committed.commit()
    api._transport.app.state.access.forget()
    assert "officer" not in (await api.get("/me", headers=token)).json()["roles"]


async def test_a_leavers_tokens_and_sessions_end_with_the_account(
    api: httpx.AsyncClient, app: App, committed: AsyncSession, ada: Person
) -> None:
    tokens = await app.tokens(scope="openid learning offline_access")
    await ensure_accounts(committed, [(ada.id, str(ada.email), False)])
    await committed.commit()
    api._transport.app.state.access.forget()
    assert (await api.get("/me", headers=bearer(tokens["access_token"]))).status_code == 401
    refreshed = await app.post("/oauth/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    assert (await app.browser.get("/account")).status_code == 303
    assert (await sign_in(app.browser, ada)).status_code == 401


async def test_an_auditor_reads_and_writes_nothing(api: httpx.AsyncClient, ada: Person, settings: Settings) -> None:
    headers = bearer(operator_token(settings, ada.id, ["employee", "auditor", "creator"]))
    assert (await api.get("/courses", headers=headers)).status_code == 200
    for path in ("/enroll", "/progress", "/engagement", "/create-course", "/publish-course"):
        answer = await api.post(path, json={}, headers=headers)
        assert answer.status_code == 403, path


async def test_what_is_stored_signs_nobody_in(app: App, committed: AsyncSession) -> None:
    """A copy of the database has hashes of secrets, codes and tokens only."""
    tokens = await app.tokens()
    stored = await committed.scalar(select(OAuthClient.secret_hash).where(OAuthClient.client_id == app.client_id))
    assert stored == hashlib.sha256(str(app.secret).encode()).digest()
    rows = (await committed.execute(select(Account.metadata.tables["oauth_refresh_token"]))).all()
    assert tokens["refresh_token"] not in str(rows)


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


async def test_the_key_is_private_to_the_user_who_runs_it(settings: Settings) -> None:
    SigningKeys(settings)
    for name in ("token_keys.json", "client_praxis-dashboards"):
        path = settings.secrets_dir / name
        assert not path.exists() or path.stat().st_mode & 0o077 == 0

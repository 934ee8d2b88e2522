"""Forged tokens, tokens of withdrawn rights, stolen copies of what is stored; each must get nothing."""

import base64
import hashlib
import hmac
import json
import time
import uuid

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.identity.models import Account
from api.identity.oauth_models import OAuthClient
from api.identity.service import ensure_accounts, grant_role
from api.identity.tokens import SigningKeys, operator_token
from api.people.models import Person
from tests.api.identity.conftest import App, sign_in
from tests.api.identity.test_oauth import bearer


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
    "sent",
    [
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer é.é.é",
        "Bearer " + "a" * 10_000,
        "Bearer ...",
        *(f"Bearer {base64.urlsafe_b64encode(header).decode()}.e30.x" for header in (b"[]", b"null", b"[" * 20_000)),
    ],
    ids=lambda sent: sent[:24],
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


async def test_the_key_is_private_to_the_user_who_runs_it(settings: Settings) -> None:
    SigningKeys(settings)
    for name in ("token_keys.json", "client_praxis-dashboards"):
        path = settings.secrets_dir / name
        assert not path.exists() or path.stat().st_mode & 0o077 == 0

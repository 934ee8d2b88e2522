"""Signing in, and tokens that somebody tampered with."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.identity.service import ensure_token_key, hash_password
from tests.factories import make_person

PASSWORD = "correct horse battery staple"


async def test_the_right_password_gives_a_token_that_works(api: httpx.AsyncClient, committed: AsyncSession) -> None:
    person = await make_person(committed, "Ada Ito", roles=("creator",), password_hash=hash_password(PASSWORD))
    await committed.commit()
    answer = await api.post("/sessions", json={"email": person.email.upper(), "password": PASSWORD})
    assert (answer.status_code, answer.json()["roles"]) == (201, ["creator", "employee", "manager"])
    me = await api.get("/me", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    assert me.json()["person"] == {"id": str(person.id), "name": "Ada Ito"}


async def test_a_wrong_password_and_an_unknown_address_give_the_same_answer(
    api: httpx.AsyncClient, committed: AsyncSession
) -> None:
    person = await make_person(committed, password_hash=hash_password(PASSWORD))
    await committed.commit()
    wrong = await api.post("/sessions", json={"email": person.email, "password": "guess"})
    unknown = await api.post("/sessions", json={"email": "nobody@example.com", "password": "guess"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


async def test_a_leaver_does_not_sign_in(api: httpx.AsyncClient, committed: AsyncSession) -> None:
    from datetime import date  # noqa: PLC0415

    person = await make_person(committed, ended_on=date(2024, 1, 1), password_hash=hash_password(PASSWORD))
    await committed.commit()
    answer = await api.post("/sessions", json={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 401


def claims(settings: Settings, **changes: object) -> dict[str, object]:
    now = int(time.time())
    return {
        "iss": settings.api_url,
        "aud": "praxis",
        "sub": str(uuid.uuid4()),
        "person": str(uuid.uuid4()),
        "roles": ["employee", "creator"],
        "iat": now,
        "exp": now + 60,
        **changes,
    }


def unsigned(*parts: object) -> str:
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def forged(settings: Settings, kind: str) -> str:
    """A token with one thing wrong."""
    key = ensure_token_key(settings)
    header = {"alg": "Ed25519", "kid": key.kid, "typ": "at+jwt"}
    wrong = {
        "expired": {"exp": int(time.time()) - 10},
        "audience": {"aud": "another"},
        "issuer": {"iss": "http://evil"},
        "person": {"person": "x"},
        "no expiry": {"exp": None},
        "no roles": {"roles": None},
    }
    if kind in wrong:
        return jwt.encode(header, claims(settings, **wrong[kind]), key, algorithms=["Ed25519"])
    if kind == "other key":
        return jwt.encode(header, claims(settings), OKPKey.generate_key("Ed25519"), algorithms=["Ed25519"])
    if kind == "other type":
        return jwt.encode(header | {"typ": "JWT"}, claims(settings), key, algorithms=["Ed25519"])
    if kind == "no kid":
        return jwt.encode({"alg": "Ed25519", "typ": "at+jwt"}, claims(settings), key, algorithms=["Ed25519"])
    if kind == "tampered":
        head, _, mac = jwt.encode(header, claims(settings), key, algorithms=["Ed25519"]).split(".")
        return f"{head}.{unsigned(claims(settings, roles=['manager']))}.{mac}"
    if kind == "alg confusion":
        signed = unsigned(header | {"alg": "HS256"}, claims(settings))
        mac = hmac.new(key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    if kind == "alg none":
        return unsigned(header | {"alg": "none"}, claims(settings)) + "."
    return "not.a.token"


@pytest.mark.parametrize(
    "kind",
    [
        "expired",
        "audience",
        "issuer",
        "person",
        "no expiry",
        "no roles",
        "other key",
        "other type",
        "no kid",
        "tampered",
        "alg confusion",
        "alg none",
        "garbage",
    ],
)
async def test_a_forged_token_is_refused(api: httpx.AsyncClient, settings: Settings, kind: str) -> None:
    answer = await api.get("/courses", headers={"Authorization": f"Bearer {forged(settings, kind)}"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    "sent", ["Bearer", "Bearer ", "Basic YTpi", "Bearer é.é.é", "Bearer " + "a" * 10_000, "Bearer ..."]
)
async def test_a_header_that_is_no_token_is_refused(api: httpx.AsyncClient, sent: str) -> None:
    answer = await api.get("/courses", headers={"Authorization": sent.encode()})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


async def test_the_issued_token_is_accepted_so_the_refusals_above_mean_something(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    key = ensure_token_key(settings)
    token = jwt.encode({"alg": "Ed25519", "kid": key.kid, "typ": "at+jwt"}, claims(settings), key, ["Ed25519"])
    assert (await api.get("/courses", headers={"Authorization": f"Bearer {token}"})).status_code == 200


async def test_without_a_token_the_answer_says_where_to_get_one(api: httpx.AsyncClient) -> None:
    answer = await api.get("/courses")
    assert answer.status_code == 401
    assert "POST /sessions" in answer.json()["detail"]


async def test_the_key_is_private_to_the_user_who_runs_it(
    settings: Settings, token_for: Callable[..., dict[str, str]]
) -> None:
    token_for(uuid.uuid4())
    assert (settings.secrets_dir / "token_key.json").stat().st_mode & 0o077 == 0

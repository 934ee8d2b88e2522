"""What signing in and checking a token cost, each beside its limit in the same round.

python -m tests.bench.identity [--quick]
"""

import asyncio
import secrets
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, urlsplit

import httpx
from argon2 import PasswordHasher
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, make_read_engine
from api.core.settings import Settings
from api.identity.access import AccessNow
from api.identity.models import Account, RoleGrant
from api.identity.oauth_clients import DOCS, register_service
from api.identity.service import hash_password
from api.identity.tokens import SigningKeys, TokenVerifier, operator_token
from tests.bench.place import commits, install, line, machine, served
from tests.factories import make_person

PASSWORD = "correct horse battery staple"
SERVICE = "bench-service"
VERIFIER = secrets.token_urlsafe(48)
Ask = Callable[[], object]


@dataclass
class People:
    """A person who signs in, an account without a person, and a service's secret."""

    email: str
    person_id: uuid.UUID
    account_id: uuid.UUID
    secret: str


async def _fill(settings: Settings) -> People:
    engine = make_engine(settings.database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        person = await make_person(session, "Ada Ito", password_hash=hash_password(PASSWORD))
        auditor = Account(email="auditor@example.com")
        session.add(auditor)
        await session.flush()
        session.add(RoleGrant(account_id=auditor.id, role="auditor"))
        secret = await register_service(session, client_id=SERVICE, name="Bench", scopes=["reports"])
    await engine.dispose()
    return People(str(person.email), person.id, auditor.id, secret)


def _p50_ms(ask: Ask, times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def _beside(name: str, ask: Ask, what: str, limit: Callable[[], float], *, rounds: int, times: int) -> None:
    """Medians of the rounds, in each of which the limit was measured right after."""
    ask()
    found = [(_p50_ms(ask, times), limit()) for _ in range(rounds)]
    p50, most = (statistics.median(column) for column in zip(*found, strict=True))
    line(name, f"p50 {p50:.2f} ms", f"{what} {most:.2f} ms", p50 / most)


async def _checks(settings: Settings, people: People, rounds: int, times: int) -> None:
    """In the process, as `current_principal` does it: the verifier, then what the account may do now."""
    keys, engine = SigningKeys(settings), make_read_engine(settings.database_url, pool_size=1)
    tokens = [operator_token(settings, people.person_id, ("employee",), ttl_s=600 + n) for n in range(times)]

    async def p50_ms(prepare: Callable[[AccessNow], TokenVerifier]) -> float:
        access, taken = AccessNow(engine), []
        for token in tokens:
            verifier = prepare(access)
            began = time.perf_counter()
            await access.of_token(verifier(token))
            taken.append(1000 * (time.perf_counter() - began))
        return statistics.median(taken)

    known = TokenVerifier(keys, settings)
    for token in tokens:
        known(token)

    def asked_anew(access: AccessNow) -> TokenVerifier:
        access.forget()
        return known

    cases: list[tuple[str, Callable[[AccessNow], TokenVerifier]]] = [
        ("token check, first sight of the token", lambda _: TokenVerifier(keys, settings)),
        ("token check, both remembered", lambda _: known),
        ("token check, access asked anew", asked_anew),
    ]
    for name, prepare in cases:
        found = statistics.median([await p50_ms(prepare) for _ in range(rounds)])
        line(name, f"p50 {found:.3f} ms", "at most 1 ms", found)
    await engine.dispose()


def _over_http(settings: Settings, people: People, browser: httpx.Client, rounds: int, times: int) -> None:
    live = partial(_p50_ms, partial(browser.get, "/health/live"), times)
    for name, path, account in (
        ("GET /oauth/userinfo, nothing but the check", "/oauth/userinfo", people.account_id),
        ("GET /me", "/me", people.person_id),
    ):
        token = operator_token(settings, account, ("employee", "manager"))
        headers = {"Authorization": f"Bearer {token}"}
        ask = partial(browser.get, path, headers=headers)
        ask().raise_for_status()
        _beside(name, ask, "/health/live", live, rounds=rounds, times=times)


def _sign_in(people: People, browser: httpx.Client) -> None:
    answer = browser.post("/sign-in", data={"email": people.email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text


def _code_flow(settings: Settings, browser: httpx.Client) -> dict[str, str]:
    back = f"{settings.api_url}/docs/oauth2-redirect"
    asked = {
        "response_type": "code",
        "client_id": DOCS,
        "redirect_uri": back,
        "scope": "openid learning",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    location = browser.get("/oauth/authorize", params=asked).headers["location"]
    code = parse_qs(urlsplit(location).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": VERIFIER}
    return browser.post("/oauth/token", data=form | {"client_id": DOCS}).raise_for_status().json()


def _grants(settings: Settings, people: People, browser: httpx.Client, rounds: int, times: int) -> None:
    token = _code_flow(settings, browser)
    client = (SERVICE, people.secret)

    def refresh() -> None:
        form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"], "client_id": DOCS}
        token.update(browser.post("/oauth/token", data=form).raise_for_status().json())

    def credentials() -> dict[str, str]:
        form = {"grant_type": "client_credentials"}
        return browser.post("/oauth/token", data=form, auth=client).raise_for_status().json()

    mine = credentials()["access_token"]

    def introspect() -> None:
        told = browser.post("/oauth/introspect", data={"token": mine}, auth=client).raise_for_status().json()
        assert told["active"]

    def commit() -> float:
        return 1000 / commits(settings.database_url, 1, 0.5)

    for name, ask in (
        ("code flow: authorize and token", partial(_code_flow, settings, browser)),
        ("refresh", refresh),
        ("client credentials", credentials),
    ):
        _beside(name, ask, "one-row commit", commit, rounds=rounds, times=times)
    live = partial(_p50_ms, partial(browser.get, "/health/live"), times)
    _beside("introspection", introspect, "/health/live", live, rounds=rounds, times=times)


def main() -> None:
    rounds, times = (1, 20) if "--quick" in sys.argv else (3, 100)
    machine()
    with install() as settings:
        people = asyncio.run(_fill(settings))
        asyncio.run(_checks(settings, people, rounds, times * 5))
        with (
            served(settings, settings.api_port, "/health/ready", "--factory", "api.app:create_app"),
            httpx.Client(base_url=settings.api_url, timeout=30, headers={"Sec-Fetch-Site": "same-origin"}) as browser,
        ):
            _over_http(settings, people, browser, rounds, times)
            stored = hash_password(PASSWORD)
            bare = partial(_p50_ms, partial(PasswordHasher().verify, stored, PASSWORD), times // 4)
            ask = partial(_sign_in, people, browser)
            _beside("sign-in", ask, "argon2 verify", bare, rounds=rounds, times=times // 4)
            _grants(settings, people, browser, rounds, times)


if __name__ == "__main__":
    main()

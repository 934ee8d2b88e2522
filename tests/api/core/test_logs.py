"""What the log says, and what it never says."""

import json
import re
from pathlib import Path

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.core.masking import masked, masked_value
from api.core.settings import Settings
from api.identity.oauth_clients import register_app
from api.identity.service import hash_password
from stack.postgres import EmbeddedPostgres
from tests.api.identity.conftest import CALLBACK, query_of
from tests.factories import make_person
from tests.processes import free_port, serving

PASSWORD = "Correct-Horse-Battery-9"
WRONG = "Wrong-Horse-Battery-8"
JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            "GET /oauth/authorize?client_id=a&state=s1&code=c2 HTTP/1.1",
            "GET /oauth/authorize?client_id=a&state=***&code=*** HTTP/1.1",
        ),
        (
            "/sign-in?next=%2Foauth%2Fauthorize%3Fstate%3Dabc%26x%3D1",
            "/sign-in?next=%2Foauth%2Fauthorize%3Fstate%3D***%26x%3D1",
        ),
        ("?id_token_hint=a.b.c&expires=1&signature=00ff", "?id_token_hint=***&expires=1&signature=***"),
        ("email=ada%40example.com&password=a+b", "email=a***@example.com&password=***"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("basic cHJheGlzOnNlY3JldA==", "basic ***"),
        (
            "Cookie: a=1; praxis_8000=xyz; __Host-praxis_443_device=n.m",
            "Cookie: a=1; praxis_8000=***; __Host-praxis_443_device=***",
        ),
        (f"token {JWT}!", "token ***!"),
        ("Key (email)=(ada.ito@example.com) exists", "Key (email)=(a***@example.com) exists"),
        ("{'password': 'geheim', \"client_secret\": \"x y\"}", "{'password': '***', \"client_secret\": \"***\"}"),
        ("('a', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA')", "('a', '***')"),
        ("postgresql://praxis:geheim@db:5432/x", "postgresql://praxis:***@db:5432/x"),
        ("refresh wQ3rT6uY9iO1pA4sD7fG0hJ2kL5zX8cV1bN4mQ7wE0r", "refresh ***"),
        ("203.0.113.77 and 2001:db8:1:2::5", "203.0.113.* and 2001:db8:1::*"),
    ],
)
def test_secrets_and_persons_are_taken_out(said: str, kept: str) -> None:
    assert masked(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "127.0.0.1:8000 and ::1",
        "took 12:30:45 at 2026-11-24T15:00:00Z",
        "course 01932d4c-8f7a-7c33-9a5e-6f1b2c3d4e5f",
        "/media/" + "0f" * 32,
        'File "/srv/praxis/api/core/SomeModuleWithALongName2.py", line 3, in test_a_very_long_name_of_a_function',
        "the token has expired; state unknown",
    ],
)
def test_what_is_nobodys_stays_readable(said: str) -> None:
    assert masked(said) == said


def test_a_key_says_what_its_value_is_at_any_depth() -> None:
    said = {"rows": [{"Name": "Ada Ito", "api_token": b"abc", "at": ({"cookie": ["x"]},)}], "status": 200, "ok": True}
    kept = {"rows": [{"Name": "A***", "api_token": "***", "at": [{"cookie": "***"}]}], "status": 200, "ok": True}
    assert masked_value(said) == kept


def lines(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


async def test_a_sign_in_and_the_whole_code_flow_leave_no_secret_in_the_log(
    settings: Settings, committed: AsyncSession
) -> None:
    """A real server with its access log on."""
    person = await make_person(committed, "Ada Logged", password_hash=hash_password(PASSWORD))
    client_id, scopes = "app-logged", ["openid", "email", "learning", "offline_access"]
    secret = str(
        await register_app(
            committed, client_id=client_id, name="A", redirect_uris=[CALLBACK], scopes=scopes, is_public=False
        )
    )
    await committed.commit()
    here = settings.model_copy(update={"api_port": free_port(), "log_format": "json"})
    verifier = generate_token(64)
    with serving(here, "--access-log") as log:
        async with httpx.AsyncClient(base_url=here.api_url, headers={"Sec-Fetch-Site": "same-origin"}) as browser:
            for password in (WRONG, PASSWORD):
                await browser.post("/sign-in", data={"email": person.email, "password": password})
            # a form sent as GET by mistake has everything in the address
            await browser.get("/sign-in", params={"email": person.email, "password": PASSWORD})
            asked = {
                "response_type": "code",
                "client_id": client_id,
                "redirect_uri": CALLBACK,
                "scope": " ".join(scopes),
                "state": "the-state-1234",
                "nonce": "the-nonce-1234",
                "code_challenge": create_s256_code_challenge(verifier),
                "code_challenge_method": "S256",
            }
            consent = await browser.get("/oauth/authorize", params=asked)
            query = re.search(r'name="request_query" value="([^"]*)"', consent.text)[1].replace("&amp;", "&")
            answer = await browser.post("/oauth/authorize", data={"request_query": query, "decision": "allow"})
            code = query_of(answer)["code"]
            form = {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": CALLBACK,
                "code_verifier": verifier,
            }
            tokens = (await browser.post("/oauth/token", data=form, auth=(client_id, secret))).json()
            await browser.get("/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
            await browser.post("/oauth/token", params={"code": code}, data=form, auth=(client_id, secret))
            hint = {"id_token_hint": tokens["id_token"], "state": "the-state-1234"}
            cookies = [cookie.value for cookie in browser.cookies.jar]
            await browser.get("/oauth/logout", params=hint)
    said = log.read_text()
    assert {"/sign-in", "/oauth/token", "/me"} <= {str(line.get("path")).split("?")[0] for line in lines(log)}
    assert "request_id" in next(line for line in lines(log) if line.get("path") == "/me")
    never = [PASSWORD, WRONG, code, secret, verifier, "the-state-1234", "the-nonce-1234", str(person.email), *cookies]
    never += [tokens[name] for name in ("access_token", "refresh_token", "id_token")]
    assert [one for one in never if one and one in said] == []


async def test_what_a_crash_and_a_library_say_is_masked_too(settings: Settings) -> None:
    here = settings.model_copy(update={"api_port": free_port(), "log_format": "json"})
    email, token = "ada.lovelace@example.com", "T0psecretT0psecret"
    headers = {"Authorization": f"Bearer {token}"}
    with serving(here, application="tests.api.core.crashing:create_app") as log:
        async with httpx.AsyncClient(base_url=here.api_url, headers=headers) as client:
            crash = await client.get("/crash", params={"email": email})
            await client.get("/say", params={"email": email})
    assert (crash.status_code, email in crash.text, token in crash.text) == (500, False, False)
    said = log.read_text()
    for secret in (email, token, "geheim", "Lovelace", "203.0.113.77"):
        assert secret not in said
    broken = next(line for line in lines(log) if line["event"] == "unhandled")
    assert "RuntimeError: no luck with Bearer *** of a***@example.com" in str(broken["exception"])
    assert broken["request_id"] == crash.headers["x-request-id"]
    assert any(line["event"] == "for a***@example.com" and line["logger"] == "library" for line in lines(log))
    assert said.count("RuntimeError: no luck") == 1  # uvicorn doesn't say it again


async def test_a_refused_statement_names_no_values(committed: AsyncSession) -> None:
    with pytest.raises(ProgrammingError) as failed:
        await committed.execute(text("select cast(:password as text) from nowhere"), {"password": PASSWORD})
    await committed.rollback()
    assert PASSWORD not in str(failed.value)


SECRET = "v3ry-s3cret-Passw0rd"


def test_a_setting_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "url"
    file.write_text(f"postgresql://praxis:{SECRET}@db/praxis\n")
    monkeypatch.setenv("PRAXIS_DATABASE_URL_FILE", str(file))
    assert Settings().database_url == f"postgresql://praxis:{SECRET}@db/praxis"
    monkeypatch.setenv("PRAXIS_DATABASE_URL", "postgresql://other@db/praxis")
    assert Settings().database_url == "postgresql://other@db/praxis"
    monkeypatch.setenv("PRAXIS_API_PORT_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="api_port"):
        Settings()


async def test_no_secret_is_shown_by_settings_openapi_or_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRAXIS_API_PORT", f"{SECRET}")
    with pytest.raises(ValueError, match="api_port") as wrong:
        Settings()
    assert SECRET not in str(wrong.value)
    monkeypatch.undo()
    settings = Settings(
        home=tmp_path,
        database_url=f"postgresql://praxis:{SECRET}@127.0.0.1:9/praxis",
        rate_limits=f"redis://:{SECRET}@127.0.0.1:9/0",
    )
    assert SECRET not in repr(settings) + str(settings)
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        told = [
            (await client.get(path)).text
            for path in ("/openapi.json", "/health/ready", "/courses", "/docs", "/.well-known/openid-configuration")
        ]
        told.append((await client.post("/oauth/token", data={"grant_type": "client_credentials"})).text)
    assert SECRET not in "".join(told)


async def test_the_databases_own_log_quotes_no_row(postgres: EmbeddedPostgres, committed: AsyncSession) -> None:
    statement = text("insert into account (id, email) values (uuidv7(), 'twice.there@example.com')")
    await committed.execute(statement)
    with pytest.raises(IntegrityError):
        await committed.execute(statement)
    await committed.rollback()
    said = postgres._log.read_text()
    assert "uq_account_email" in said
    assert "Key (email)" not in said

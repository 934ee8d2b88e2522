"""A person who can sign in, a registered application, and a browser that keeps cookies."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.oauth_clients import register_app, register_service
from api.identity.service import hash_password
from api.people.models import Person
from stack.postgres import EmbeddedPostgres
from tests.api.identity.logs import Log
from tests.factories import make_person

PASSWORD = "correct horse battery staple"
CALLBACK = "https://app.example.com/callback"


@dataclass
class App:
    """An application that people sign in to, driven by Authlib's own client."""

    client_id: str
    secret: str | None
    browser: httpx.AsyncClient

    def client(self, **options: Any) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self.client_id,
            self.secret,
            transport=self.browser._transport,
            base_url="http://praxis",
            redirect_uri=CALLBACK,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self.secret else "none",
            **options,
        )

    async def authorize(self, **changes: str | None) -> httpx.Response:
        """The browser at the authorization endpoint; the answer is not followed."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid email learning",
            "state": "xyz",
            "nonce": "n-1",
            "code_challenge": create_s256_code_challenge(VERIFIER),
            "code_challenge_method": "S256",
        } | changes
        return await self.browser.get("/oauth/authorize", params={k: v for k, v in asked.items() if v is not None})

    async def code(self, **changes: str | None) -> str:
        """A code, after the person said yes."""
        answer = await self.authorize(**changes)
        assert answer.status_code == 200, answer.headers.get("location")
        query = re.search(r'name="request_query" value="([^"]*)"', answer.text)[1].replace("&amp;", "&")
        answer = await self.browser.post("/oauth/authorize", data={"request_query": query, "decision": "allow"})
        return query_of(answer)["code"]

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        async with self.client() as client:
            code = await self.code(**changes)
            return dict(await client.fetch_token("/oauth/token", code=code, code_verifier=VERIFIER))

    async def post(self, path: str, **form: str) -> httpx.Response:
        auth = (self.client_id, self.secret) if self.secret else None
        form = form if self.secret else {"client_id": self.client_id, **form}
        return await self.browser.post(path, data=form, auth=auth)


VERIFIER = generate_token(64)


def query_of(answer: httpx.Response) -> dict[str, str]:
    """What a redirect carries."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def sign_in(browser: httpx.AsyncClient, person: Person, password: str = PASSWORD, **form: str) -> httpx.Response:
    return await browser.post("/sign-in", data={"email": person.email, "password": password, **form})


@pytest.fixture
async def browser(api: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Sends what a browser sends with its own pages' forms."""
    async with httpx.AsyncClient(
        transport=api._transport, base_url="http://praxis", headers={"Sec-Fetch-Site": "same-origin"}
    ) as one:
        yield one


@pytest.fixture
async def ada(committed: AsyncSession) -> Person:
    person = await make_person(committed, "Ada Ito", roles=("creator",), password_hash=hash_password(PASSWORD))
    await committed.commit()
    return person


_numbers = iter(range(10_000))


@pytest.fixture
async def app(browser: httpx.AsyncClient, committed: AsyncSession, ada: Person) -> App:
    """Registered, confidential, and Ada is signed in."""
    client_id = f"app-{next(_numbers)}"
    secret = await register_app(
        committed,
        client_id=client_id,
        name="A planner",
        redirect_uris=[CALLBACK],
        scopes=["openid", "email", "learning", "courses", "offline_access"],
        is_public=False,
    )
    await committed.commit()
    assert (await sign_in(browser, ada)).status_code == 303
    return App(client_id, secret, browser)


@pytest.fixture
async def public_app(app: App, committed: AsyncSession) -> App:
    client_id = f"app-{next(_numbers)}"
    await register_app(
        committed,
        client_id=client_id,
        name="An app",
        redirect_uris=[CALLBACK, "http://127.0.0.1/cb"],
        scopes=["openid", "learning"],
        is_public=True,
    )
    await committed.commit()
    return App(client_id, None, app.browser)


@pytest.fixture
async def service(browser: httpx.AsyncClient, committed: AsyncSession, settings: Settings) -> App:
    client_id = f"service-{next(_numbers)}"
    secret = await register_service(committed, client_id=client_id, name="Numbers", scopes=["reports"])
    await committed.commit()
    return App(client_id, secret, browser)


@pytest.fixture
async def log(postgres: EmbeddedPostgres, template_database: str, tmp_path: Path) -> AsyncIterator[Log]:
    """An audit log in a database of its own."""
    name = f"log_{next(_numbers)}"
    owner = await asyncpg.connect(postgres.url())
    await owner.execute(f"create database {name} template {template_database}")
    engine = make_engine(postgres.url(name), pool_size=8)
    yield Log(Settings(home=tmp_path, database_url=postgres.url(name)), engine)
    await engine.dispose()
    await owner.execute(f"drop database {name} with (force)")
    await owner.close()

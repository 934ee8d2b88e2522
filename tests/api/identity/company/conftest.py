"""A company with its own OpenID provider: npm's oidc-provider as a process, Praxis on a real port, and browsers."""

import contextlib
import html
import json
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.models import Account, RoleGrant
from api.identity.service import hash_password
from api.people.models import Person
from tests.factories import make_org_unit, make_person
from tests.node import installed
from tests.processes import free_port

HERE = Path(__file__).parent / "provider"
PASSWORD = "correct horse battery staple"
ROLES = {
    "lms-officers": "officer",
    "plant-officers": "officer@plant-7",
    "authors": ["creator", "auditor@plant-7"],
    "nowhere": "officer@no-such-unit",
}


class Quiet(uvicorn.Server):
    """Leaves the signals to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: Any, port: int) -> AsyncIterator[None]:
    """On a real socket, in this loop."""
    import asyncio  # noqa: PLC0415

    server = Quiet(uvicorn.Config(app, port=port, log_level="error", lifespan="on"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
        if task.done():
            task.result()
    yield
    server.should_exit = True
    await task


@pytest.fixture(scope="session")
def node_modules() -> Path:
    return installed(HERE, "provider.mjs")


@dataclass
class IdP:
    """The provider's process and the people it knows, by login."""

    issuer: str
    file: Path
    people: dict[str, dict[str, Any]] = field(default_factory=dict)

    def knows(self, login: str, **claims: Any) -> None:
        self.people[login] = {"email_verified": True, "groups": [], **claims}
        self.file.write_text(json.dumps(self.people))


@pytest.fixture(scope="module")
def company(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Praxis' settings; at localhost the provider is another site than Praxis at 127.0.0.1."""
    return settings.model_copy(
        update={
            "api_port": free_port(),
            "idp_issuer": f"http://localhost:{free_port()}",
            "idp_client_id": "praxis",
            "idp_client_secret": "not/a secret+of:anybody%",
            "idp_name": "Acme",
            "idp_scopes": "openid profile email groups",
            "idp_roles": json.dumps(ROLES),
        }
    )


@pytest.fixture(scope="module")
def idp(node_modules: Path, company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdP]:
    folder = tmp_path_factory.mktemp("idp")
    one = IdP(company.idp_issuer, folder / "people.json")
    told = {
        "issuer": company.idp_issuer,
        "people": str(one.file),
        "client_id": company.idp_client_id,
        "client_secret": company.idp_client_secret,
        "praxis": company.api_url,
    }
    (folder / "config.json").write_text(json.dumps(told))
    log = folder / "log"
    with log.open("w") as out:
        command = ["node", "provider.mjs", str(folder / "config.json")]
        process = subprocess.Popen(command, cwd=node_modules, stdout=out, stderr=out)
    deadline = time.monotonic() + 30
    while "ready" not in log.read_text():
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    yield one
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module")
async def praxis(company: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(company)
    async with serving(app, company.api_port):
        yield app


@dataclass
class Visitor:
    """A person's browser, which follows redirects one by one and fills in the forms that it meets."""

    settings: Settings
    client: httpx.AsyncClient
    seen: list[str] = field(default_factory=list)

    async def get(self, address: str, **options: Any) -> httpx.Response:
        address = urljoin(self.settings.api_url, address)
        self.seen.append(address)
        return await self.client.get(address, **options)

    async def post(self, address: str, data: dict[str, str]) -> httpx.Response:
        address = urljoin(self.settings.api_url, address)
        self.seen.append(address)
        return await self.client.post(address, data=data, headers={"Sec-Fetch-Site": "same-origin"})

    async def follow(self, answer: httpx.Response, *, until: str = " ") -> httpx.Response:
        """Through redirects, to the first page or to the address that starts with `until`, which isn't asked."""
        while True:
            onward = answer.headers.get("location") or answer.headers.get("refresh", "").removeprefix("0; url=")
            onward = urljoin(str(answer.url), onward) if onward else ""
            if not onward or onward.startswith(until):
                return answer
            answer = await self.get(onward)

    async def submit(self, answer: httpx.Response, **values: str) -> httpx.Response:
        """The first form of a page of the provider's."""
        action = re.search(r'action="([^"]*)"', answer.text)[1]
        hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', answer.text))
        self.seen.append(action)
        return await self.client.post(urljoin(str(answer.url), html.unescape(action)), data=hidden | values)

    async def begin(self, **asked: str) -> httpx.Response:
        """At the provider's form, or past it where the provider knows this browser already."""
        return await self.follow(await self.get("/sign-in/company", params=asked), until=self.callback)

    @property
    def callback(self) -> str:
        return f"{self.settings.api_url}/sign-in/company/callback"

    async def answer(self, login: str, **asked: str) -> str:
        """The address that the provider sends the browser back to, not yet asked for."""
        page = await self.begin(**asked)
        if not page.is_redirect:
            page = await self.follow(await self.submit(page, login=login, password="x"), until=self.callback)
        return page.headers["location"]

    async def sign_in(self, login: str, **asked: str) -> httpx.Response:
        return await self.get(await self.answer(login, **asked))

    async def sign_off(self, *, confirm: bool = True) -> httpx.Response:
        page = await self.follow(await self.post("/sign-out", {}))
        return await self.follow(await self.submit(page, **({"logout": "yes"} if confirm else {}))) if confirm else page

    async def is_signed_in(self) -> bool:
        return (await self.get("/account")).status_code == 200


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
async def visitor(company: Settings, praxis: FastAPI) -> AsyncIterator[Visitor]:
    async with httpx.AsyncClient(timeout=20) as client:
        yield Visitor(company, client)


@pytest.fixture
async def stranger(company: Settings, praxis: FastAPI) -> AsyncIterator[Visitor]:
    """Somebody else's browser."""
    async with httpx.AsyncClient(timeout=20) as client:
        yield Visitor(company, client)


@pytest.fixture
async def ada(committed: AsyncSession, idp: IdP) -> Person:
    """Employed, and known at the provider by her verified address; her login is the first part of it."""
    await make_org_unit(committed, "Plant 7")
    person = await make_person(committed, "Ada Ito", password_hash=hash_password(PASSWORD))
    await committed.commit()
    idp.knows(login_of(person), email=person.email)
    return person


def login_of(person: Person) -> str:
    return str(person.email).split("@")[0]


async def account_of(url: str, person: Person) -> tuple[Account, set[str]]:
    """As others see it now: the account and its roles with their sources."""
    engine = make_engine(url, pool_size=1)
    async with AsyncSession(engine) as session:
        account = await session.scalar(select(Account).where(Account.person_id == person.id))
        grants = await session.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id))
        roles = {f"{grant.role} {'unit' if grant.org_unit_id else 'all'} {grant.source}" for grant in grants}
    await engine.dispose()
    return account, roles

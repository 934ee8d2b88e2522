"""The same company, whose provider lies: everything it answers can be bent, one thing at a time."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.core.settings import Settings
from api.identity import idp_provider
from api.people.models import Person
from tests.api.identity.company.conftest import Visitor, serving
from tests.api.identity.company.forged.forger import Forger, unsigned
from tests.factories import make_person
from tests.processes import free_port


@pytest.fixture(scope="module")
def company(settings: Settings) -> Settings:
    return settings.model_copy(
        update={
            "api_port": free_port(),
            "idp_issuer": f"http://127.0.0.1:{free_port()}",
            "idp_client_id": "praxis",
            "idp_client_secret": "secret",
            "idp_name": "Acme",
            "idp_roles": '{"lms-officers": "officer"}',
        }
    )


@pytest.fixture(scope="module")
async def served(company: Settings) -> AsyncIterator[Forger]:
    forger = Forger(company.idp_issuer, company.idp_client_id)
    async with serving(forger.app(), int(company.idp_issuer.rsplit(":", 1)[1])):
        yield forger


@pytest.fixture(scope="module")
async def praxis(company: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(company)
    async with serving(app, company.api_port):
        yield app


@pytest.fixture
async def ada(committed: AsyncSession) -> Person:
    person = await make_person(committed, "Ada Ito")
    await committed.commit()
    return person


@pytest.fixture
def forger(served: Forger, praxis: FastAPI, company: Settings, ada: Person) -> Forger:
    """Honest until a test bends it; Praxis has never heard of it before."""
    served.reset(str(ada.email))
    praxis.state.company = idp_provider.Provider(praxis.state.company.company, company)
    return served


async def attempt(visitor: Visitor) -> httpx.Response:
    """A whole sign-in; the answer of the callback, or of whatever stopped it."""
    answer = await visitor.get("/sign-in/company")
    if not answer.is_redirect:
        return answer
    back = await visitor.get(answer.headers["location"])
    return await visitor.get(back.headers["location"])


async def refused(visitor: Visitor, saying: str, status: int = 400) -> None:
    answer = await attempt(visitor)
    assert (answer.status_code, 'role="alert"' in answer.text) == (status, True)
    assert saying in answer.text.replace("&#39;", "'")
    assert f"praxis_{visitor.settings.api_port}" not in visitor.client.cookies
    assert not await visitor.is_signed_in()


NOW = int(time.time())


SIGNED: dict[str, Callable[[Forger], Any]] = {
    "nothing (alg none)": lambda _: unsigned,
    "the public key as an HMAC key (RS256 to HS256)": lambda forger: forger.by_public_key,
    "another key under the same id": lambda forger: forger.by_another_key,
    "a text": lambda _: lambda *_: "no.token.atall",
    "a JSON number": lambda _: lambda *_: "Nw.Nw.Nw",
    "nesting without end": lambda _: lambda *_: "W1tb" * 8000,
}

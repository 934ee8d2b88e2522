"""A real server over HTTP, the service's token for it, and scim2-client over httpx."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from scim2_client import BaseSyncSCIMClient
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.oauth_clients import standing_token
from tests.loops import apart
from tests.processes import free_port, serving

ROLES = {"Learning officers": "officer"}


class Client(BaseSyncSCIMClient):
    """scim2-client's own engine wants httpx2."""

    def __init__(self, http: httpx.Client) -> None:
        super().__init__()
        self.http = http

    def request(self, method: str, url: str, **kwargs: Any) -> Any:
        return self.http.request(method, url, **kwargs)

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return str(self.http.build_request("GET", endpoint).url).startswith(str(self.http.base_url))


@pytest.fixture(scope="module")
def served(settings: Settings) -> Iterator[Settings]:
    at = settings.model_copy(update={"api_port": free_port(), "idp_roles": json.dumps(ROLES)})
    with serving(at):
        yield at


@pytest.fixture(scope="module")
def token(served: Settings) -> str:
    async def make() -> str:
        engine = make_engine(served.database_url, pool_size=1)
        async with AsyncSession(engine) as session, session.begin():
            made = await standing_token(
                session, served, client_id="directory", name="Directory", scope="scim", ttl_s=3600
            )
        await engine.dispose()
        return made

    return apart(lambda: asyncio.run(make()))


@pytest.fixture
def scim(served: Settings, token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    with httpx.Client(base_url=f"{served.api_url}/scim/v2", headers=headers, timeout=30) as client:
        yield client

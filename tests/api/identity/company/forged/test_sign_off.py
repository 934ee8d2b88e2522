"""Logout tokens (OpenID Connect Back-Channel Logout 1.0): a wrong one ends nothing."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.people.models import Person
from tests.api.identity.company.conftest import Visitor
from tests.api.identity.company.forged.conftest import NOW, SIGNED, attempt
from tests.api.identity.company.forged.forger import LOGOUT_EVENT, Forger
from tests.factories import make_person


async def log_off(visitor: Visitor, token: str) -> httpx.Response:
    """As the provider does, which has none of the browser's cookies."""
    async with httpx.AsyncClient() as provider:
        address = f"{visitor.settings.api_url}/oauth/backchannel-logout"
        return await provider.post(address, data={"logout_token": token})


async def signed_in_with(visitor: Visitor, forger: Forger, sid: str) -> None:
    forger.claims, forger.header = {"sid": sid}, {}
    assert (await attempt(visitor)).status_code == 303
    forger.claims = {}


BAD_LOGOUTS: dict[str, dict[str, Any]] = {
    "for another application": {"aud": "payroll"},
    "of another issuer": {"iss": "https://evil.example"},
    "with a nonce": {"nonce": "n"},
    "without the event": {"events": {}},
    "with an event that is none": {"events": {LOGOUT_EVENT: True}},
    "with events in a list": {"events": [LOGOUT_EVENT]},
    "without an id of its own": {"jti": None},
    "of nobody": {"sub": None, "sid": None},
    "expired": {"exp": NOW - 3600},
    "never expiring": {"exp": None},
    "of long ago": {"iat": NOW - 7200},
}


@pytest.mark.parametrize("changes", BAD_LOGOUTS.values(), ids=list(BAD_LOGOUTS))
async def test_a_logout_token_ends_nothing(visitor: Visitor, forger: Forger, changes: dict[str, Any]) -> None:
    await signed_in_with(visitor, forger, "s-1")
    answer = await log_off(visitor, forger.logout_token(**changes))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.headers["cache-control"] == "no-store"
    assert await visitor.is_signed_in()


@pytest.mark.parametrize("sign", SIGNED.values(), ids=list(SIGNED))
async def test_a_logout_token_ends_nothing_that_is_signed_by(
    visitor: Visitor, forger: Forger, sign: Callable[[Forger], Any]
) -> None:
    await signed_in_with(visitor, forger, "s-1")
    forger.sign = sign(forger)
    assert (await log_off(visitor, forger.logout_token())).status_code == 400
    assert await visitor.is_signed_in()


async def test_an_id_token_is_no_logout_token(visitor: Visitor, forger: Forger) -> None:
    await signed_in_with(visitor, forger, "s-1")
    token = forger.token({"nonce": "n", "sid": "s-1", "jti": "j"})
    assert (await log_off(visitor, token)).status_code == 400
    assert await visitor.is_signed_in()


async def test_a_logout_token_replayed_ends_no_later_session(visitor: Visitor, forger: Forger) -> None:
    await signed_in_with(visitor, forger, "s-1")
    token = forger.logout_token()
    assert (await log_off(visitor, token)).status_code == 200
    assert not await visitor.is_signed_in()
    await signed_in_with(visitor, forger, "s-1")
    assert (await log_off(visitor, token)).status_code == 400
    assert await visitor.is_signed_in()


async def test_a_logout_of_a_person_ends_all_their_sessions_and_nobody_elses(
    visitor: Visitor, stranger: Visitor, forger: Forger, ada: Person, committed: AsyncSession
) -> None:
    other = await make_person(committed, "Bo Ek")
    await committed.commit()
    await signed_in_with(visitor, forger, "s-1")
    forger.email = str(other.email)
    await signed_in_with(stranger, forger, "s-1")
    assert (await log_off(visitor, forger.logout_token(sub=str(ada.email), sid=None))).status_code == 200
    assert (await visitor.is_signed_in(), await stranger.is_signed_in()) == (False, True)


async def test_a_logout_of_a_session_that_is_not_here_is_taken_and_ends_nothing(
    visitor: Visitor, forger: Forger
) -> None:
    await signed_in_with(visitor, forger, "s-1")
    assert (await log_off(visitor, forger.logout_token(sid="s-2"))).status_code == 200
    assert await visitor.is_signed_in()

"""What is tried in browsers: answers of another sign-in, used twice, or leading elsewhere."""

import asyncio
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.identity.models import IdpOnce
from tests.api.identity.company.conftest import Visitor, query_of
from tests.api.identity.company.forged.forger import Forger


@pytest.mark.parametrize("state", ["", "guessed", "\0", "x" * 3000])
async def test_a_state_that_nobody_was_given_is_worth_nothing(visitor: Visitor, forger: Forger, state: str) -> None:
    await visitor.get("/sign-in/company")
    answer = await visitor.get(f"{visitor.callback}?{urlencode({'code': 'c', 'state': state, 'iss': forger.issuer})}")
    assert (answer.status_code, "This sign-in is over" in answer.text) == (400, True)
    assert "/token" not in forger.asked


async def test_nobody_is_signed_in_as_the_attacker_by_the_attackers_callback(
    visitor: Visitor, stranger: Visitor, forger: Forger
) -> None:
    """Login CSRF: the attacker's answer in the victim's browser, which has a sign-in of its own on the way or not."""
    back = await stranger.get((await stranger.get("/sign-in/company")).headers["location"])
    for _ in range(2):
        answer = await visitor.get(back.headers["location"])
        assert answer.status_code == 400
        assert not await visitor.is_signed_in()
        await visitor.get("/sign-in/company")
    assert (await stranger.get(back.headers["location"])).status_code == 303, "and the attacker did not spend it"


@pytest.mark.parametrize(("published", "prompt"), [(None, "login"), (["login", "select_account"], "select_account")])
async def test_who_took_the_wrong_account_is_asked_again_without_having_to_prove_when(
    visitor: Visitor, forger: Forger, published: list[str] | None, prompt: str
) -> None:
    forger.document = {"prompt_values_supported": published}
    begun = await visitor.get("/sign-in/company?prompt=other")
    sent = query_of(begun.headers["location"])
    assert (sent["prompt"], "max_age" in sent) == (prompt, False)
    back = await visitor.get(begun.headers["location"])
    assert (await visitor.get(back.headers["location"])).status_code == 303


async def test_a_callback_is_good_once(visitor: Visitor, forger: Forger) -> None:
    back = await visitor.get((await visitor.get("/sign-in/company")).headers["location"])
    answers = await asyncio.gather(*(visitor.get(back.headers["location"]) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 400, 400, 400]
    assert forger.asked.count("/token") == 1


async def test_a_sign_in_on_its_way_ends_after_ten_minutes_and_leaves_nothing_behind(
    visitor: Visitor, forger: Forger, committed: AsyncSession
) -> None:
    back = await visitor.get((await visitor.get("/sign-in/company")).headers["location"])
    await committed.execute(update(IdpOnce).values(expires_at=IdpOnce.expires_at - text("interval '11 minutes'")))
    await committed.commit()
    assert (await visitor.get(back.headers["location"])).status_code == 400
    await visitor.get("/sign-in/company")
    assert len(list(await committed.scalars(select(IdpOnce.key_hash)))) == 1


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "evil"],
)
async def test_next_leads_to_no_other_site(visitor: Visitor, forger: Forger, elsewhere: str) -> None:
    answer = await visitor.get("/sign-in/company", params={"next": elsewhere})
    back = await visitor.get(answer.headers["location"])
    assert (await visitor.get(back.headers["location"])).headers["location"] == "/account"


async def test_no_cookie_of_a_sign_in_on_its_way_is_read_by_a_script(visitor: Visitor, forger: Forger) -> None:
    cookie = (await visitor.get("/sign-in/company")).headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"))

"""Delegating on one's account page, as a browser does it."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.identity.models import RoleGrant
from api.identity.service import hash_password
from api.people.models import Person
from tests.factories import make_person

PASSWORD = "correct horse battery staple"
SOON = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()


@pytest.fixture
async def people(committed: AsyncSession) -> dict[str, Person]:
    lead = await make_person(committed, "Lead", password_hash=hash_password(PASSWORD))
    made = {
        "lead": lead,
        "report": await make_person(committed, "Report", manager=lead),
        "assistant": await make_person(committed, "Ann <b>Assistant", password_hash=hash_password(PASSWORD)),
    }
    await committed.commit()
    return made


async def signed_in(api: httpx.AsyncClient, person: Person) -> httpx.AsyncClient:
    browser = httpx.AsyncClient(
        transport=api._transport, base_url="http://praxis", headers={"Sec-Fetch-Site": "same-origin"}
    )
    await browser.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    return browser


async def test_a_manager_lets_somebody_act_for_them_and_ends_it(
    api: httpx.AsyncClient, people: dict[str, Person]
) -> None:
    browser = await signed_in(api, people["lead"])
    form = {"email": people["assistant"].email, "until": SOON}
    done = await browser.post("/account/delegations", data=form, follow_redirects=True)
    assert "They act for you" in done.text
    assert "Ann &lt;b&gt;Assistant" in done.text
    theirs = await signed_in(api, people["assistant"])
    assert "Lead" in (await theirs.get("/account")).text
    delegation_id = re.search(r'name="delegation_id" value="([^"]*)"', done.text)[1]
    ended = await browser.post("/account/delegations/end", data={"delegation_id": delegation_id}, follow_redirects=True)
    assert "That delegation has ended" in ended.text
    assert "Ann" not in ended.text


async def test_what_was_typed_wrong_is_said_and_stays_in_the_form(
    api: httpx.AsyncClient, people: dict[str, Person]
) -> None:
    browser = await signed_in(api, people["lead"])
    answer = await browser.post("/account/delegations", data={"email": "who@example.com", "until": SOON})
    assert answer.status_code == 404
    assert 'value="who@example.com"' in answer.text
    answer = await browser.post("/account/delegations", data={"email": "who@example.com", "until": "tomorrow"})
    assert (answer.status_code, "Give the last day" in answer.text) == (422, True)


async def test_somebody_who_leads_nobody_has_no_such_form(api: httpx.AsyncClient, people: dict[str, Person]) -> None:
    browser = await signed_in(api, people["assistant"])
    assert "act for me" not in (await browser.get("/account")).text


async def test_nobody_ends_a_delegation_of_others(api: httpx.AsyncClient, people: dict[str, Person]) -> None:
    browser = await signed_in(api, people["lead"])
    form = {"email": people["assistant"].email, "until": SOON}
    done = await browser.post("/account/delegations", data=form, follow_redirects=True)
    delegation_id = re.search(r'name="delegation_id" value="([^"]*)"', done.text)[1]
    async with httpx.AsyncClient(transport=api._transport, base_url="http://praxis") as stranger:
        same_site = {"Sec-Fetch-Site": "same-origin"}
        answer = await stranger.post(
            "/account/delegations/end", data={"delegation_id": delegation_id}, headers=same_site
        )
        assert answer.headers["location"].startswith("/sign-in")
    assert "Ann" in (await browser.get("/account")).text


async def test_an_auditor_who_leads_people_delegates_nothing_on_this_page_either(
    api: httpx.AsyncClient, people: dict[str, Person], committed: AsyncSession
) -> None:
    committed.add(RoleGrant(account_id=people["lead"].id, role="auditor"))
    await committed.commit()
    browser = await signed_in(api, people["lead"])
    form = {"email": people["assistant"].email, "until": SOON}
    refused = await browser.post("/account/delegations", data=form)
    assert (refused.status_code, "An auditor reads all and writes nothing" in refused.text) == (403, True)
    assert "Ann" not in (await browser.get("/account")).text

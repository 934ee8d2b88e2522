"""Signing in by the company's own OpenID provider: a certified one that nobody here wrote, over real HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI
from joserfc import jwt
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.identity.audit import AuditEntry
from api.identity.models import Account, BrowserSession, RoleGrant
from api.identity.oauth_clients import DASHBOARDS, client_secret
from api.identity.service import grant_role
from api.people.models import Person
from stack.company import check, unlink
from stack.install import Install
from stack.problems import StackProblem
from tests.api.identity.company.conftest import PASSWORD, IdP, Visitor, account_of, login_of, query_of
from tests.loops import apart


async def test_a_person_signs_in_at_the_company_and_is_where_they_wanted_to_go(
    visitor: Visitor, ada: Person, company: Settings, database_url: str
) -> None:
    shown = await visitor.get("/sign-in?next=/account")
    assert "Sign in with Acme" in shown.text
    assert 'name="password"' in shown.text
    answer = await visitor.sign_in(login_of(ada), next="/account?done=ended")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=ended")
    assert str(ada.email) in (await visitor.get("/account")).text
    account, _ = await account_of(database_url, ada)
    assert account.idp_subject == f"{company.idp_issuer} {login_of(ada)}"


async def test_the_request_has_state_nonce_and_pkce_and_nothing_secret(visitor: Visitor, ada: Person) -> None:
    sent = query_of((await visitor.get("/sign-in/company")).headers["location"])
    assert (sent["response_type"], sent["code_challenge_method"]) == ("code", "S256")
    assert min(len(sent[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert "client_secret" not in sent


async def test_the_second_time_the_account_is_found_by_its_subject_whatever_the_address_is_then(
    visitor: Visitor, stranger: Visitor, ada: Person, idp: IdP
) -> None:
    await visitor.sign_in(login_of(ada))
    idp.knows(login_of(ada), email="married@example.com", email_verified=False)
    await stranger.sign_in(login_of(ada))
    assert str(ada.email) in (await stranger.get("/account")).text


async def test_a_sign_in_always_opens_a_new_session_and_ends_the_one_before(
    visitor: Visitor, ada: Person, company: Settings
) -> None:
    name = f"praxis_{company.api_port}"
    visitor.client.cookies.set(name, "planted", domain="127.0.0.1")
    first = (await visitor.sign_in(login_of(ada))).cookies[name]
    assert first != "planted"
    second = (await visitor.sign_in(login_of(ada))).cookies[name]
    assert first != second
    async with httpx.AsyncClient(cookies={name: first}) as before:
        assert (await before.get(f"{company.api_url}/account")).status_code == 303


async def test_two_tabs_can_sign_in_at_once(visitor: Visitor, ada: Person) -> None:
    first = await visitor.answer(login_of(ada))
    second = await visitor.answer(login_of(ada))
    for address in (second, first):
        assert (await visitor.get(address)).status_code == 303


async def test_the_dashboards_sign_in_goes_through_the_company(
    visitor: Visitor, ada: Person, company: Settings
) -> None:
    answer = await visitor.get("/oauth/authorize", params=dashboards_request(company))
    following = query_of(answer.headers["location"])["next"]
    back = await visitor.follow(await visitor.sign_in(login_of(ada), next=following), until=company.dashboards_url)
    assert back.headers["location"].startswith(f"{company.dashboards_url}/sign-in/callback?code=")


def dashboards_request(company: Settings, **changes: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": DASHBOARDS,
        "redirect_uri": f"{company.dashboards_url}/sign-in/callback",
        "scope": "openid reports",
        "state": "xyz",
        "code_challenge": create_s256_code_challenge("v" * 50),
        "code_challenge_method": "S256",
        **changes,
    }


async def dashboards_tokens(visitor: Visitor, company: Settings, **changes: str) -> dict[str, str]:
    """Once the browser is signed in."""
    answer = await visitor.get("/oauth/authorize", params=dashboards_request(company, **changes))
    form = {
        "grant_type": "authorization_code",
        "code": query_of(answer.headers["location"])["code"],
        "redirect_uri": f"{company.dashboards_url}/sign-in/callback",
        "code_verifier": "v" * 50,
    }
    async with httpx.AsyncClient(auth=(DASHBOARDS, client_secret(company, DASHBOARDS))) as client:
        return (await client.post(f"{company.api_url}/oauth/token", data=form)).json()


async def test_groups_give_roles_of_the_company_or_of_a_unit_and_the_log_says_so(
    visitor: Visitor, ada: Person, idp: IdP, database_url: str, committed: AsyncSession
) -> None:
    groups = ["authors", "plant-officers", "nowhere", "unknown to us"]
    idp.knows(login_of(ada), email=ada.email, groups=groups)
    await visitor.sign_in(login_of(ada))
    _, roles = await account_of(database_url, ada)
    assert roles == {"creator all idp", "auditor unit idp", "officer unit idp"}
    entry = await committed.scalar(
        select(AuditEntry).where(
            AuditEntry.target_id == str(ada.id), AuditEntry.action == "identity.roles_followed_groups"
        )
    )
    assert entry.before == {"roles": []}
    assert [role.partition("@")[0] for role in entry.after["roles"]] == ["auditor", "creator", "officer"]
    assert entry.ip == "127.0.0.1"


async def test_a_withdrawn_group_loses_its_role_at_the_next_sign_in_and_what_praxis_granted_stays(
    visitor: Visitor, ada: Person, idp: IdP, company: Settings, database_url: str, committed: AsyncSession
) -> None:
    await grant_role(committed, account_id=ada.id, role="hr_data")
    await grant_role(committed, account_id=ada.id, role="officer")
    await committed.commit()
    idp.knows(login_of(ada), email=ada.email, groups=["lms-officers", "authors"])
    await visitor.sign_in(login_of(ada))
    _, roles = await account_of(database_url, ada)
    assert roles == {"hr_data all praxis", "officer all praxis", "creator all idp", "auditor unit idp"}
    idp.knows(login_of(ada), email=ada.email, groups=[])
    await visitor.sign_in(login_of(ada))
    assert (await account_of(database_url, ada))[1] == {"hr_data all praxis", "officer all praxis"}
    me = (await visitor.get("/me")).json()
    assert set(me["roles"]) == {"employee", "manager", "hr_data", "officer"}


async def test_the_same_groups_again_write_nothing_to_the_log_and_renew_the_role(
    visitor: Visitor, ada: Person, idp: IdP, committed: AsyncSession
) -> None:
    idp.knows(login_of(ada), email=ada.email, groups=["lms-officers"])
    await visitor.sign_in(login_of(ada))
    near = datetime.now(UTC) + timedelta(minutes=1)
    await committed.execute(update(RoleGrant).where(RoleGrant.account_id == ada.id).values(valid_until=near))
    await committed.commit()
    await visitor.sign_in(login_of(ada))
    ends = await committed.scalar(select(RoleGrant.valid_until).where(RoleGrant.account_id == ada.id))
    assert ends > near + timedelta(days=1)
    entries = await committed.scalars(
        select(AuditEntry).where(
            AuditEntry.target_id == str(ada.id), AuditEntry.action == "identity.roles_followed_groups"
        )
    )
    assert len(list(entries)) == 1


async def test_signing_off_here_signs_off_there_and_comes_back(
    visitor: Visitor, ada: Person, company: Settings
) -> None:
    await visitor.sign_in(login_of(ada))
    tokens = await dashboards_tokens(visitor, company)
    left = await visitor.sign_off()
    assert "You are signed out." in left.text
    assert str(left.url) == f"{company.api_url}/sign-in?why=out"
    again = await visitor.begin()
    assert 'name="login"' in again.text, "the provider would have signed in without a question"
    me = await httpx.AsyncClient().get(
        f"{company.api_url}/me", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert me.status_code == 401


async def test_signing_off_from_the_dashboards_comes_back_to_the_dashboards(
    visitor: Visitor, ada: Person, company: Settings
) -> None:
    await visitor.sign_in(login_of(ada))
    tokens = await dashboards_tokens(visitor, company)
    back = f"{company.dashboards_url}/signed-out"
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": back, "state": "s1"}
    page = await visitor.follow(await visitor.get("/oauth/logout", params=asked))
    assert page.url.host == "localhost"
    left = await visitor.follow(await visitor.submit(page, logout="yes"), until=back)
    assert left.headers["location"] == f"{back}?state=s1"
    assert not await visitor.is_signed_in()


async def test_who_signs_off_there_is_signed_off_here_in_every_application(
    visitor: Visitor, stranger: Visitor, ada: Person, company: Settings, idp: IdP
) -> None:
    await visitor.sign_in(login_of(ada))
    await stranger.sign_in(login_of(ada))
    tokens = await dashboards_tokens(visitor, company)
    page = await visitor.follow(await visitor.get(f"{idp.issuer}/session/end"))
    await visitor.submit(page, logout="yes")
    assert not await visitor.is_signed_in()
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {tokens['access_token']}"}) as client:
        assert (await client.get(f"{company.api_url}/me")).status_code == 401
    assert await stranger.is_signed_in(), "another session of hers there goes on"


async def test_a_password_session_signs_off_without_the_company(visitor: Visitor, ada: Person) -> None:
    await visitor.post("/sign-in", {"email": str(ada.email), "password": PASSWORD})
    assert (await visitor.post("/sign-out", {})).headers["location"] == "/sign-in?why=out"


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "0"}])
async def test_a_fresh_sign_in_is_asked_of_the_company_too(
    visitor: Visitor, ada: Person, company: Settings, asked: dict[str, str]
) -> None:
    await visitor.sign_in(login_of(ada))
    await asyncio.sleep(1.1)  # so that max_age=0 is over
    answer = await visitor.get("/oauth/authorize", params=dashboards_request(company, **asked))
    shown = await visitor.get(answer.headers["location"])
    link = shown.text.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    page = await visitor.follow(await visitor.get(link), until=visitor.callback)
    assert 'name="login"' in page.text
    back = await visitor.follow(
        await visitor.submit(page, login=login_of(ada), password="x"), until=company.dashboards_url
    )
    assert "code=" in back.headers["location"]


async def test_our_id_token_says_when_the_person_proved_themselves_to_the_company(
    visitor: Visitor, ada: Person, company: Settings, committed: AsyncSession
) -> None:
    await visitor.sign_in(login_of(ada), max_age="1000")
    long_ago = datetime.now(UTC) - timedelta(hours=3)
    await committed.execute(
        update(BrowserSession).where(BrowserSession.account_id == ada.id).values(authenticated_at=long_ago)
    )
    await committed.commit()
    tokens = await dashboards_tokens(visitor, company)
    assert _claims(visitor, tokens["id_token"])["auth_time"] == int(long_ago.timestamp())
    answer = await visitor.get("/oauth/authorize", params=dashboards_request(company, max_age="3600"))
    assert "max_age=3600" in answer.headers["location"]


def _claims(visitor: Visitor, token: str) -> dict[str, object]:
    from api.identity.tokens import SigningKeys  # noqa: PLC0415

    return dict(jwt.decode(token, SigningKeys(visitor.settings).all()[0], algorithms=["EdDSA"]).claims)


async def test_unknown_people_are_told_where_people_come_from(visitor: Visitor, idp: IdP, praxis: FastAPI) -> None:
    idp.knows("newcomer", email="newcomer@example.com")
    answer = await visitor.sign_in("newcomer")
    assert answer.status_code == 403
    assert "People come from the HR system" in answer.text
    assert not await visitor.is_signed_in()
    again = answer.text.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    asked_again = await visitor.follow(await visitor.get(again), until=visitor.callback)
    assert 'name="login"' in asked_again.text, "with another account"


async def test_a_leaver_does_not_get_in(visitor: Visitor, ada: Person, committed: AsyncSession) -> None:
    await visitor.sign_in(login_of(ada))
    await committed.execute(update(Account).where(Account.id == ada.id).values(is_active=False))
    await committed.commit()
    answer = await visitor.sign_in(login_of(ada))
    assert answer.status_code == 403
    assert "Your account here is closed" in answer.text


async def test_an_operator_parts_an_account_from_a_sign_in_that_is_somebody_elses_now(
    visitor: Visitor, ada: Person, idp: IdP, company: Settings, database_url: str
) -> None:
    await visitor.sign_in(login_of(ada))
    idp.knows("new-login-of-hers", email=ada.email)
    visitor.client.cookies.clear()
    assert "belongs to another sign-in" in (await visitor.sign_in("new-login-of-hers")).text
    install = Install(company, None)
    assert "is linked anew" in apart(lambda: unlink(install, str(ada.email)))
    with pytest.raises(StackProblem, match="has not signed in"):
        apart(lambda: unlink(install, str(ada.email)))
    visitor.client.cookies.clear()
    assert (await visitor.sign_in("new-login-of-hers")).status_code == 303
    assert (await account_of(database_url, ada))[0].idp_subject.endswith(" new-login-of-hers")


async def test_the_operator_is_told_what_the_provider_must_know(idp: IdP, company: Settings) -> None:
    told = apart(lambda: check(Install(company, None)))
    assert f"Acme answers at {company.idp_issuer}" in told
    for address in ("/sign-in/company/callback", "/sign-in/company/signed-out", "/oauth/backchannel-logout"):
        assert f"{company.api_url}{address}" in told
    assert "creator, auditor@plant-7" in told
    assert company.idp_client_secret not in told
    assert "People sign in with a password" in apart(lambda: check(Install(Settings(), None)))

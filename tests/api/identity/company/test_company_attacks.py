"""What an attacker, or a provider that was broken into or misconfigured, tries on the company's sign-in."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import RSAKey
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from api.app import create_app
from api.core.settings import Settings
from api.identity import idp_provider
from api.identity.models import Account, IdpOnce
from api.people.models import Person
from tests.api.identity.company.conftest import Visitor, account_of, query_of, serving
from tests.api.identity.company.forger import LOGOUT_EVENT, Forger, unsigned
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


async def test_an_honest_answer_is_taken_so_the_refusals_below_are_for_their_reason(
    visitor: Visitor, forger: Forger
) -> None:
    assert (await attempt(visitor)).status_code == 303
    assert await visitor.is_signed_in()


NOW = int(time.time())
BENT: dict[str, tuple[dict[str, Any], str]] = {
    "another application's": ({"aud": "payroll"}, "aud"),
    "for us among others without azp": ({"aud": ["praxis", "payroll"]}, "another application"),
    "handed on by another application": ({"aud": ["praxis", "payroll"], "azp": "payroll"}, "another application"),
    "another party's": ({"azp": "payroll"}, "another application"),
    "another issuer's": ({"iss": "https://evil.example"}, "iss"),
    "our issuer's name and more": ({"iss": None}, "iss"),
    "of another sign-in": ({"nonce": "another"}, "another sign-in"),
    "without a nonce": ({"nonce": None}, "another sign-in"),
    "expired": ({"exp": NOW - 3600}, "expired"),
    "never expiring": ({"exp": None}, "exp"),
    "from the future": ({"iat": NOW + 3600}, "in the future"),
    "not yet valid": ({"nbf": NOW + 3600}, "not yet valid"),
    "long ago": ({"iat": NOW - 7200}, "too old"),
    "undated": ({"iat": None}, "iat"),
    "nobody's": ({"sub": None}, "names nobody"),
    "a number's": ({"sub": 7}, "sub"),
    "of a name that no database takes": ({"sub": "ada\0"}, "names nobody"),
    "of another access token": ({"at_hash": "AAAA"}, "access token"),
    "strangely dated": ({"exp": "tomorrow"}, "exp"),
}


@pytest.mark.parametrize(("claims", "saying"), BENT.values(), ids=list(BENT))
async def test_an_id_token_is_refused_that_is(
    visitor: Visitor, forger: Forger, claims: dict[str, Any], saying: str
) -> None:
    forger.claims = claims
    await refused(visitor, saying)


SIGNED: dict[str, Callable[[Forger], Any]] = {
    "nothing (alg none)": lambda _: unsigned,
    "the public key as an HMAC key (RS256 to HS256)": lambda forger: forger.by_public_key,
    "another key under the same id": lambda forger: forger.by_another_key,
    "a text": lambda _: lambda *_: "no.token.atall",
    "a JSON number": lambda _: lambda *_: "Nw.Nw.Nw",
    "nesting without end": lambda _: lambda *_: "W1tb" * 8000,
}


@pytest.mark.parametrize("sign", SIGNED.values(), ids=list(SIGNED))
async def test_an_id_token_is_refused_that_is_signed_by(
    visitor: Visitor, forger: Forger, sign: Callable[[Forger], Any]
) -> None:
    forger.sign = sign(forger)
    await refused(visitor, "token is not valid")


async def test_a_logout_token_is_no_id_token(visitor: Visitor, forger: Forger) -> None:
    forger.header = {"typ": "logout+jwt"}
    await refused(visitor, "another kind")


async def test_a_critical_header_that_we_do_not_know_is_not_overlooked(visitor: Visitor, forger: Forger) -> None:
    forger.sign = lambda header, claims: unsigned({**header, "crit": ["b64"], "b64": False}, claims)
    await refused(visitor, "token is not valid")


@pytest.mark.parametrize(
    ("answer", "saying"),
    [
        ({"iss": "https://evil.example"}, "another provider"),
        ({"iss": None}, "another provider"),
        ({"code": None}, "without a code"),
        ({"code": None, "error": "access_denied"}, "access_denied"),
        ({"error": "<script>alert(1)</script>"}, "&lt;script&gt;"),
    ],
    ids=["mix-up", "mix-up without a name", "no code", "an error", "an error with markup"],
)
async def test_an_answer_is_not_taken_with(
    visitor: Visitor, forger: Forger, answer: dict[str, str | None], saying: str
) -> None:
    forger.answer = answer
    await refused(visitor, saying)
    assert "/token" not in forger.asked, "the code went nowhere"


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


async def test_a_callback_is_good_once(visitor: Visitor, forger: Forger) -> None:
    back = await visitor.get((await visitor.get("/sign-in/company")).headers["location"])
    answers = await asyncio.gather(*(visitor.get(back.headers["location"]) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 400, 400, 400]
    assert forger.asked.count("/token") == 1


async def test_a_sign_in_on_its_way_ends_after_ten_minutes_and_leaves_nothing_behind(
    visitor: Visitor, forger: Forger, committed: AsyncSession
) -> None:
    back = await visitor.get((await visitor.get("/sign-in/company")).headers["location"])
    await committed.execute(update(IdpOnce).values(expires_at=IdpOnce.expires_at - text_interval("11 minutes")))
    await committed.commit()
    assert (await visitor.get(back.headers["location"])).status_code == 400
    await visitor.get("/sign-in/company")
    assert len(list(await committed.scalars(select(IdpOnce.key_hash)))) == 1


def text_interval(length: str) -> Any:
    from sqlalchemy import text  # noqa: PLC0415

    return text(f"interval '{length}'")


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


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "yes, really"},
        {"email_verified": "false"},
        {"email_verified": [True]},
        {"email": None},
        {"email": ["{email}"]},
        {"email": "{email}\0"},
        {"email": " {email}"},
    ],
)
async def test_an_address_that_is_not_verified_opens_no_account(
    visitor: Visitor, forger: Forger, ada: Person, claims: dict[str, Any], database_url: str
) -> None:
    spelled = {"email": claims["email"].format(email=ada.email)} if isinstance(claims.get("email"), str) else {}
    forger.claims = claims | spelled
    await refused(visitor, "knows nobody", 403)
    assert (await account_of(database_url, ada))[0].idp_subject is None


async def test_a_letter_that_looks_like_another_opens_no_account(
    visitor: Visitor, forger: Forger, committed: AsyncSession
) -> None:
    """Postgres says that the Kelvin sign is a k, where case doesn't count."""
    victim = await make_person(committed, "Kim Oak")
    await committed.commit()
    forger.claims = {"email": str(victim.email).replace("k", "\u212a"), "sub": "attacker"}
    await refused(visitor, "knows nobody", 403)


async def test_an_account_that_has_a_subject_is_never_given_to_another(
    visitor: Visitor, stranger: Visitor, forger: Forger, ada: Person, database_url: str
) -> None:
    """An address is given to a new colleague: they don't get what the old one had."""
    await attempt(visitor)
    forger.claims = {"sub": "the new colleague"}
    await refused(stranger, "belongs to another sign-in", 403)
    assert (await account_of(database_url, ada))[0].idp_subject == f"{forger.issuer} {ada.email}"


async def test_a_service_or_an_outsider_is_not_signed_in_by_the_company(
    visitor: Visitor, forger: Forger, committed: AsyncSession
) -> None:
    committed.add(Account(email="auditor@outside.example"))
    await committed.commit()
    forger.claims = {"email": "auditor@outside.example", "sub": "outsider"}
    await refused(visitor, "knows nobody", 403)


async def test_userinfo_of_somebody_else_is_not_mixed_in(visitor: Visitor, forger: Forger, ada: Person) -> None:
    forger.claims = {"email": None, "email_verified": None, "sub": "mallory"}
    forger.userinfo = {"sub": "ada", "email": ada.email, "email_verified": True}
    await refused(visitor, "somebody else")


async def test_userinfo_does_not_overrule_the_signed_token(visitor: Visitor, forger: Forger, ada: Person) -> None:
    forger.claims = {"email_verified": False, "groups": None}
    forger.userinfo = {"sub": ada.email, "email_verified": True, "groups": ["lms-officers"]}
    await refused(visitor, "knows nobody", 403)


@pytest.mark.parametrize(
    "groups", ["lms-officers", ["lms-officers", 7, None, {"a": 1}], [["lms-officers"]], {"a": 1}, 7]
)
async def test_strange_groups_give_what_they_name_and_never_an_error(
    visitor: Visitor, forger: Forger, ada: Person, database_url: str, groups: Any
) -> None:
    forger.claims = {"groups": groups}
    assert (await attempt(visitor)).status_code == 303
    names_it = groups == "lms-officers" or (isinstance(groups, list) and "lms-officers" in groups)
    assert (await account_of(database_url, ada))[1] == ({"officer all idp"} if names_it else set())


@pytest.mark.parametrize(
    ("claims", "saying"), [({}, "does not say when"), ({"auth_time": NOW - 7200}, "gave an old one")]
)
async def test_a_fresh_sign_in_that_was_asked_for_must_be_one(
    visitor: Visitor, forger: Forger, claims: dict[str, Any], saying: str
) -> None:
    forger.claims = claims
    begun = await visitor.get("/sign-in/company?prompt=login")
    assert query_of(begun.headers["location"])["prompt"] == "login"
    back = await visitor.get(begun.headers["location"])
    answer = await visitor.get(back.headers["location"])
    assert (answer.status_code, saying in answer.text) == (400, True)
    forger.claims = {"auth_time": int(time.time())}
    back = await visitor.get((await visitor.get("/sign-in/company?prompt=login")).headers["location"])
    assert (await visitor.get(back.headers["location"])).status_code == 303


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "another name": ({"issuer": "https://evil.example"}, "calls itself"),
    "an address inside (SSRF)": ({"token_endpoint": "http://10.0.0.1/token"}, "token_endpoint"),
    "a file": ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
    "a script": ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
    "a password in an address": ({"token_endpoint": "https://a:b@example.com/"}, "token_endpoint"),
    "no keys": ({"jwks_uri": None}, "jwks_uri"),
    "a list": ({"userinfo_endpoint": []}, "userinfo_endpoint"),
}


@pytest.mark.parametrize(("document", "saying"), LIES.values(), ids=list(LIES))
async def test_a_discovery_document_is_refused_with(
    visitor: Visitor, forger: Forger, document: dict[str, Any], saying: str
) -> None:
    forger.document = document
    await refused(visitor, saying)


ANSWERS: dict[str, Response] = {
    "no JSON": PlainTextResponse("<html>"),
    "an error": JSONResponse({}, 500),
}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=list(ANSWERS))
async def test_a_provider_that_answers_badly_is_told_of_with_the_way_out(
    visitor: Visitor, forger: Forger, path: str, answer: Response
) -> None:
    forger.instead = {path: answer}
    await refused(visitor, "can't be reached just now", 503)
    assert "Sign in with a password" in (await attempt(visitor)).text


async def test_no_redirect_is_followed(visitor: Visitor, forger: Forger) -> None:
    forger.instead = {"/.well-known/openid-configuration": RedirectResponse(f"{forger.issuer}/elsewhere", 302)}
    await refused(visitor, "can't be reached just now", 503)
    assert "/elsewhere" not in forger.asked


async def test_an_answer_that_is_too_long_is_cut_off(visitor: Visitor, forger: Forger) -> None:
    forger.document = {"padding": "x" * 300_000}
    await refused(visitor, "can't be reached just now", 503)


async def test_an_answer_that_would_unfold_is_not_unfolded(visitor: Visitor, forger: Forger) -> None:
    whole = gzip.compress(forger.described())
    packed = Response(whole, headers={"Content-Encoding": "gzip"}, media_type="application/json")
    forger.instead = {"/.well-known/openid-configuration": packed}
    await refused(visitor, "can't be reached just now", 503)


async def test_an_answer_that_drips_is_not_waited_for(
    visitor: Visitor, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drops() -> AsyncIterator[bytes]:
        for byte in forger.described():
            yield bytes([byte])
            await asyncio.sleep(0.1)

    monkeypatch.setattr(idp_provider, "WITHIN_S", 0.5)
    forger.instead = {"/.well-known/openid-configuration": StreamingResponse(drops(), media_type="application/json")}
    began = time.monotonic()
    await refused(visitor, "can't be reached just now", 503)
    assert time.monotonic() - began < 5


async def test_a_new_key_is_found_and_unknown_ones_do_not_make_us_ask_all_the_time(
    visitor: Visitor, forger: Forger, praxis: FastAPI
) -> None:
    assert (await attempt(visitor)).status_code == 303
    before = forger.key
    forger.key = RSAKey.generate_key(2048, {"use": "sig", "kid": "two"})
    forger.header = {"kid": "two"}
    try:
        for _ in range(3):
            assert (await attempt(visitor)).status_code == 400
        assert forger.asked.count("/jwks") == 1
        praxis.state.company._keys_at -= idp_provider.KEYS_AGAIN_S
        assert (await attempt(visitor)).status_code == 303
        assert forger.asked.count("/jwks") == 2
        assert forger.asked.count("/.well-known/openid-configuration") == 1
    finally:
        forger.key = before


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

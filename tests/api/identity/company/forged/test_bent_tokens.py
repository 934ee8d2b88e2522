"""ID tokens, answers and documents of a provider that was broken into, misconfigured, or is somebody else."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from api.people.models import Person
from tests.api.identity.company.conftest import Visitor, query_of
from tests.api.identity.company.forged.conftest import NOW, SIGNED, attempt, refused
from tests.api.identity.company.forged.forger import Forger, unsigned


async def test_an_honest_answer_is_taken_so_the_refusals_below_are_for_their_reason(
    visitor: Visitor, forger: Forger
) -> None:
    assert (await attempt(visitor)).status_code == 303
    assert await visitor.is_signed_in()


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


async def test_userinfo_of_somebody_else_is_not_mixed_in(visitor: Visitor, forger: Forger, ada: Person) -> None:
    forger.claims = {"email": None, "email_verified": None, "sub": "mallory"}
    forger.userinfo = {"sub": "ada", "email": ada.email, "email_verified": True}
    await refused(visitor, "somebody else")


async def test_userinfo_does_not_overrule_the_signed_token(visitor: Visitor, forger: Forger, ada: Person) -> None:
    forger.claims = {"email_verified": False, "groups": None}
    forger.userinfo = {"sub": ada.email, "email_verified": True, "groups": ["lms-officers"]}
    await refused(visitor, "knows nobody", 403)


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

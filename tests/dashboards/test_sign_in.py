"""What the client's side of a sign-in trusts, over real HTTP; what answers is no authorization server of ours."""

import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from dashboards import sign_in
from dashboards.client import ApiAway
from dashboards.door_pages import own_path
from dashboards.session import Session, SessionEnded, Sessions
from dashboards.sign_in import Flow, SignInRefused, Site, Tokens
from tests.dashboards.conftest import Answers
from tests.processes import free_port

KEY, OTHER = (OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True) for _ in range(2))
FLOW = Flow("a-state", "a-nonce", "a-verifier", "/team")
SITE = Site("praxis-dashboards", "http://127.0.0.1:8501", ("openid", "reports"))


@pytest.fixture
def site(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("PRAXIS_DASHBOARDS_SECRET", "our-secret")
    monkeypatch.delenv("PRAXIS_PUBLIC_URL", raising=False)
    answers.give("/oauth/jwks", KeySet([KEY]).as_dict(private=False))
    return SITE


def given(answers: Answers, *, key: OKPKey = KEY, header: dict[str, str] | None = None, **claims: Any) -> None:
    """The token endpoint answers with an ID token that is right but for these claims."""
    right = {"iss": answers.url, "aud": SITE.client_id, "sub": "ada", "nonce": FLOW.nonce, "exp": time.time() + 60}
    told = {name: value for name, value in {**right, **claims}.items() if value is not None}
    id_token = jwt.encode({"alg": "Ed25519", "kid": key.kid, **(header or {})}, told, key, algorithms=["Ed25519"])
    answers.give("/oauth/token", token(id_token=id_token))


def token(**changes: Any) -> dict[str, Any]:
    whole = {"access_token": "access", "refresh_token": "next", "expires_in": 600, "scope": "openid reports"}
    return {**whole, **changes}


def finish(site: Site, answers: Answers, **answer: str) -> Tokens:
    return sign_in.finish(site, FLOW, {"code": "a-code", "iss": answers.url, **answer})


def test_a_right_answer_becomes_tokens_and_the_code_goes_with_its_verifier(site: Site, answers: Answers) -> None:
    given(answers)
    tokens = finish(site, answers)
    assert (tokens.access, tokens.scopes) == ("access", {"openid", "reports"})
    assert answers.forms[0] == {
        "grant_type": ["authorization_code"],
        "code": ["a-code"],
        "redirect_uri": ["http://127.0.0.1:8501/sign-in/callback"],
        "code_verifier": ["a-verifier"],
    }


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "praxis-dagster"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"key": OTHER},
        {"key": OTHER, "header": {"kid": KEY.kid}},
    ],
    ids=" and ".join,
)
def test_an_id_token_that_is_wrong_in_one_thing_is_refused(
    site: Site, answers: Answers, claims: dict[str, Any]
) -> None:
    given(answers, **claims)
    with pytest.raises(SignInRefused, match="could not be verified"):
        finish(site, answers)


def test_an_unsigned_id_token_is_refused(site: Site, answers: Answers) -> None:
    given(answers)
    head = "eyJhbGciOiJub25lIn0"
    signed = answers.by_path["/oauth/token"][1]["id_token"]
    answers.give("/oauth/token", token(id_token=f"{head}.{signed.split('.')[1]}."))
    with pytest.raises(SignInRefused, match="could not be verified"):
        finish(site, answers)


def test_an_answer_of_another_authorization_server_is_refused_before_its_code_is_sent_anywhere(
    site: Site, answers: Answers
) -> None:
    with pytest.raises(SignInRefused, match="another authorization server"):
        finish(site, answers, iss="https://evil.example")
    with pytest.raises(SignInRefused, match="did not let you in"):
        sign_in.finish(site, FLOW, {"error": "access_denied", "iss": answers.url})
    assert answers.forms == []


@pytest.mark.parametrize("body", [{}, {"error": "invalid_grant"}])
def test_a_code_that_is_not_accepted_lets_nobody_in(site: Site, answers: Answers, body: dict[str, str]) -> None:
    answers.give("/oauth/token", body, 400)
    with pytest.raises(SignInRefused, match="did not accept"):
        finish(site, answers)


def test_a_token_answer_without_an_id_token_lets_nobody_in(site: Site, answers: Answers) -> None:
    answers.give("/oauth/token", token())
    with pytest.raises(SignInRefused):
        finish(site, answers)


def a_session(site: Site, *, renew_in: float = 60, expires_in: float = 60) -> Session:
    now = time.time()
    return Session(site, Tokens("access", "refresh", "id", frozenset(site.scopes), now + renew_in, now + expires_in))


def test_a_token_that_is_due_is_renewed_with_the_newest_refresh_token(site: Site, answers: Answers) -> None:
    session = a_session(site, renew_in=-1)
    answers.give("/oauth/token", token(access_token="newer", expires_in=0))
    assert [session.access_token(), session.access_token()] == ["newer", "newer"]
    assert [form["refresh_token"] for form in answers.forms] == [["refresh"], ["next"]]


def test_a_refused_refresh_token_ends_the_session_for_good(site: Site, answers: Answers) -> None:
    session = a_session(site, renew_in=-1)
    answers.give("/oauth/token", {"error": "invalid_grant"}, 400)
    for _ in range(2):
        with pytest.raises(SessionEnded):
            session.access_token()
    assert len(answers.forms) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_while_nobody_can_renew_it_a_token_is_good_until_it_expires(site: Site, answers: Answers, status: int) -> None:
    answers.give("/oauth/token", {"error": "busy"}, status)
    assert a_session(site, renew_in=-1).access_token() == "access"
    expired = a_session(site, renew_in=-1, expires_in=-1)
    with pytest.raises(ApiAway):
        expired.check()
    answers.give("/oauth/token", token(access_token="newer"))
    assert expired.access_token() == "newer", "the sign-in was not lost"


def test_a_session_is_asked_about_now_and_then_and_ends_by_the_first_no(
    site: Site, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.session.LOOK_AGAIN_S", 0.2)
    session = a_session(site)
    answers.give("/oauth/introspect", {"active": True, "scope": "openid"})
    session.check()
    assert answers.forms == [], "it began a moment ago"
    time.sleep(0.25)
    session.check()
    session.check()
    assert answers.forms == [{"token": ["access"]}]
    assert session.scopes == {"openid"}, "a withdrawn role takes its scope along"
    answers.give("/oauth/introspect", {"active": False})
    time.sleep(0.25)
    with pytest.raises(SessionEnded):
        session.check()
    with pytest.raises(SessionEnded):
        session.access_token()


def test_nobody_listening_is_no_reason_to_lose_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRAXIS_DASHBOARDS_SECRET", "our-secret")
    monkeypatch.setenv("PRAXIS_API_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr("dashboards.session.LOOK_AGAIN_S", -1)
    a_session(SITE).check()


def test_a_cookie_names_one_session_and_none_after_its_end() -> None:
    sessions = Sessions(SITE)
    tokens = a_session(SITE).tokens
    first, second = sessions.add(tokens), sessions.add(tokens)
    assert first != second
    assert sessions.find(first) is not sessions.find(second)
    assert sessions.end(first)
    assert [sessions.find(secret) for secret in (first, "", None, "guess")] == [None] * 4
    assert sessions.find(second)


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/a\\b", "/a\r\nSet-Cookie: x", "/ä", "", None],
)
def test_no_parameter_leads_to_another_site(path: str | None) -> None:
    assert own_path(path) == "/"
    assert own_path("/courses?course=1&x=//y") == "/courses?course=1&x=//y"


@pytest.mark.parametrize("cookie", ["", "x", "e30", "bnVsbA==", "eyJzdGF0ZSI6IDF9", None])
def test_a_cookie_that_is_not_ours_is_no_sign_in_on_its_way(cookie: str | None) -> None:
    assert Flow.unpacked(cookie) is None
    assert Flow.unpacked(FLOW.packed()) == FLOW


@pytest.mark.parametrize("url", ["http://127.0.0.1:8501", "https://dashboards.example"])
def test_the_cookies_name_tells_sites_of_one_host_apart(url: str) -> None:
    expected = "praxis_session_8501" if url.startswith("http:") else "__Host-praxis_session_443"
    assert Site("praxis-dashboards", url, ()).cookie("session") == expected

"""The settings of the company's sign-in: what is wrong is said in a line, and what is away is told with a way out."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.core.outbound import is_safe
from api.core.settings import ROOT, Settings
from api.identity.idp_config import CompanySignInMisconfigured, Role, company_of
from api.identity.models import Account
from api.identity.service import hash_password
from api.identity.sessions import cookie_name, open_session
from api.people.models import Person
from tests.api.identity.company.conftest import PASSWORD
from tests.factories import make_person
from tests.processes import free_port

GOOD = {"idp_issuer": "https://login.example.com", "idp_client_id": "praxis"}
WRONG: dict[str, tuple[dict[str, object], str]] = {
    "only the company's and none": (
        {"idp_issuer": "", "idp_client_id": "", "idp_only": True},
        "PRAXIS_IDP_ISSUER is missing",
    ),
    "a client of nobody": ({"idp_issuer": ""}, "PRAXIS_IDP_ISSUER is missing"),
    "plain http": ({"idp_issuer": "http://login.example.com"}, "https address"),
    "no address": ({"idp_issuer": "login.example.com"}, "https address"),
    "a broken address": ({"idp_issuer": "https://["}, "https address"),
    "no client": ({"idp_client_id": ""}, "PRAXIS_IDP_CLIENT_ID is missing"),
    "no name": ({"idp_name": " "}, "PRAXIS_IDP_NAME is empty"),
    "no openid": ({"idp_scopes": "email"}, "PRAXIS_IDP_SCOPES"),
    "two claims in one": ({"idp_email_claim": "mail or upn"}, "PRAXIS_IDP_EMAIL_CLAIM"),
    "roles that are no JSON": ({"idp_roles": "officers=officer"}, "no JSON"),
    "roles in a list": ({"idp_roles": '["officer"]'}, "such as"),
    "an unknown role": ({"idp_roles": '{"g": "boss"}'}, "the role boss"),
    "a role that nobody is given": ({"idp_roles": '{"g": "manager"}'}, "the role manager"),
    "a role of programs": ({"idp_roles": '{"g": "service"}'}, "the role service"),
    "a role that is no text": ({"idp_roles": '{"g": [7]}'}, "the role 7"),
    "a role that has no unit": ({"idp_roles": '{"g": "creator@plant"}'}, "are narrowed"),
    "a unit without a code": ({"idp_roles": '{"g": "officer@"}'}, "are narrowed"),
}


@pytest.mark.parametrize(("given", "saying"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_setting_is_told_in_one_line(given: dict[str, object], saying: str) -> None:
    with pytest.raises(CompanySignInMisconfigured) as told:
        company_of(Settings(**(GOOD | given)))
    assert saying in told.value.detail
    assert "\n" not in told.value.detail


def test_without_settings_there_is_no_company_and_with_few_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert company_of(Settings()) is None
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")
    monkeypatch.setenv("PRAXIS_IDP_CLIENT_SECRET_FILE", str(secret))
    roles = '{"a": "officer", "b": ["officer@X:7", "creator"]}'
    company = company_of(Settings(**GOOD, idp_roles=roles))
    assert company is not None
    assert company.secret == "from a file"
    assert "from a file" not in repr(company)
    assert company.roles_of(["a", "b", "c"]) == {Role("officer"), Role("officer", "X:7"), Role("creator")}
    assert "hush" not in repr(Settings(**GOOD, idp_client_secret="hush"))


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "uvicorn", "--factory", "api.app:create_app"],
        ["-c", "import sys; from stack.cli import main; sys.argv = ['praxis', 'up']; main()"],
    ],
    ids=["the API alone", "praxis up"],
)
def test_the_start_ends_with_that_line_and_no_traceback(command: list[str], tmp_path: Path) -> None:
    env = {**os.environ, "PRAXIS_HOME": str(tmp_path), "PRAXIS_API_PORT": str(free_port())}
    env |= {"PRAXIS_IDP_ISSUER": "https://login.example.com"}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "praxis: PRAXIS_IDP_CLIENT_ID is missing: give the id under which it knows Praxis."


@pytest.mark.parametrize(
    ("address", "anywhere", "here"),
    [
        ("https://login.example.com/a", True, True),
        ("http://login.example.com/", False, False),
        ("http://127.0.0.1:9/x", False, True),
        ("http://[::1]:9/x", False, True),
        ("https://localhost/x", False, True),
        ("https://u:p@login.example.com/", False, False),
        ("https://login.example.com/#x", False, False),
        ("ftp://login.example.com/", False, False),
        ("https:///path", False, False),
        ("https://login.example.com/\u00e9", False, False),
        ("https://login.example.com/\r\nX: y", False, False),
        ("", False, False),
    ],
)
def test_which_addresses_are_asked_at_all(address: str, anywhere: bool, here: bool) -> None:
    assert (is_safe(address, allow_loopback=False), is_safe(address, allow_loopback=True)) == (anywhere, here)


@pytest.fixture
async def ada(committed: AsyncSession) -> Person:
    person = await make_person(committed, "Ada Ito", password_hash=hash_password(PASSWORD))
    await committed.commit()
    return person


@asynccontextmanager
async def browsing(settings: Settings, **changes: object) -> AsyncIterator[httpx.AsyncClient]:
    """With a provider that nobody answers for."""
    given = {"idp_issuer": f"http://127.0.0.1:{free_port()}", "idp_client_id": "praxis", "idp_name": "Acme"}
    app = create_app(settings.model_copy(update=given | changes))
    same_site = {"Sec-Fetch-Site": "same-origin"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://praxis", headers=same_site) as client,
    ):
        yield client


async def test_a_provider_that_is_away_is_told_and_the_password_still_works(settings: Settings, ada: Person) -> None:
    async with browsing(settings) as browser:
        answer = await browser.get("/sign-in/company?next=/account")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "Acme can&#39;t be reached just now: try again in a minute." in answer.text
        assert 'href="/sign-in?next=%2Faccount"' in answer.text
        form = {"email": str(ada.email), "password": PASSWORD}
        assert (await browser.post("/sign-in", data=form)).status_code == 303


async def test_where_only_the_company_signs_in_there_is_no_password_anywhere(settings: Settings, ada: Person) -> None:
    async with browsing(settings, idp_only=True) as browser:
        straight = await browser.get("/sign-in?next=/account&prompt=login")
        assert straight.headers["location"] == "/sign-in/company?next=%2Faccount&prompt=login"
        for path in ("/sign-in", "/sign-in?why=out&next=/account"):
            shown = await browser.get(path)
            assert (shown.status_code, "Sign in with Acme" in shown.text) == (200, True)
            assert "password" not in shown.text.lower()
        form = {"email": str(ada.email), "password": PASSWORD}
        refused = await browser.post("/sign-in", data=form)
        assert (refused.status_code, "passwords are not taken here" in refused.text) == (403, True)
        assert not browser.cookies
        away = await browser.get("/sign-in/company")
        assert (away.status_code, "password" in away.text.lower()) == (503, False)


async def test_where_only_the_company_signs_in_nobody_changes_a_password(
    settings: Settings, ada: Person, committed: AsyncSession
) -> None:
    secret = await _session_of(committed, settings, ada, "password")
    async with browsing(settings, idp_only=True) as browser:
        browser.cookies.set(cookie_name(settings), secret)
        assert "Change your password" not in (await browser.get("/account")).text
        form = {"current": PASSWORD, "new": "another long one 7", "again": "another long one 7"}
        assert (await browser.post("/account/password", data=form)).status_code == 422


async def test_signing_off_works_while_the_provider_is_away(
    settings: Settings, ada: Person, committed: AsyncSession
) -> None:
    secret = await _session_of(committed, settings, ada, "idp")
    async with browsing(settings) as browser:
        browser.cookies.set(cookie_name(settings), secret)
        assert (await browser.get("/account")).status_code == 200
        assert (await browser.post("/sign-out")).headers["location"] == "/sign-in?why=out"
        browser.cookies.set(cookie_name(settings), secret)
        assert (await browser.get("/account")).status_code == 303


async def _session_of(committed: AsyncSession, settings: Settings, person: Person, method: str) -> str:
    account = await committed.get(Account, person.id)
    secret = await open_session(committed, settings, account, method=method, ip=None, user_agent=None)
    await committed.commit()
    return secret


async def test_without_a_company_its_pages_are_not_there(api: httpx.AsyncClient) -> None:
    for path in ("/sign-in/company", "/sign-in/company/callback?code=a&state=b"):
        assert (await api.get(path)).status_code == 404
    refused = await api.post("/oauth/backchannel-logout", data={"logout_token": "x"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert "Sign in with" not in (await api.get("/sign-in")).text

"""How a sign-in ends, and what it survives."""

import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import psycopg2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from api.core.settings import Settings
from dashboards import sign_in
from dashboards.session import LOOK_AGAIN_S, Session, SessionEnded
from dashboards.sign_in import Site
from tests.dashboards.door.visitors import PAGE, PASSWORD, Visitor, stream
from tests.processes import environment, free_port, running

SOON_S = LOOK_AGAIN_S + 3


def execute(settings: Settings, statement: str, *values: object) -> None:
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)


def eventually(condition: Callable[[], object], seconds: float = SOON_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.2)


def closed_within(connection: ClientConnection, seconds: float = SOON_S) -> int:
    """The code that the server closed it with."""
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            connection.recv(timeout=max(0.1, deadline - time.monotonic()))
    except ConnectionClosed as closed:
        assert closed.rcvd
        return closed.rcvd.code
    raise AssertionError("still open")


def test_a_replayed_way_back_is_refused_and_ends_what_the_first_began(visitor: Visitor, emails: dict[str, str]) -> None:
    back = visitor.until_callback(emails["ada"])
    name, packed = visitor.flow()
    assert visitor.get(back).status_code == 303
    assert visitor.get(back).status_code == 400, "its cookie is gone"
    visitor.cookies.set(name, packed, domain="127.0.0.1")
    assert visitor.get(back).status_code == 403
    eventually(lambda: visitor.asks().status_code == 401)


def test_a_page_whose_sign_in_ends_while_it_loads_leads_to_the_sign_in_too(
    visitor: Visitor, emails: dict[str, str]
) -> None:
    """It gets no websocket any more, so nothing that Streamlit runs can lead it there."""
    visitor.sign_in(emails["ada"])
    page = visitor.get("/", headers={**PAGE, "If-None-Match": "*"})
    assert '<script src="/door/stay.js" defer></script></head>' in page.text
    assert int(page.headers["content-length"]) == len(page.content)
    assert visitor.head("/", headers=PAGE).status_code == 200


def test_a_withdrawn_role_closes_dagster_within_seconds_and_a_new_one_opens_it(
    doors: Settings, data_visitor: Visitor, emails: dict[str, str]
) -> None:
    account = "(select id from account where email = %s)"
    execute(
        doors, f"insert into role_grant (id, account_id, role) values (uuidv7(), {account}, 'hr_data')", emails["leon"]
    )
    assert data_visitor.sign_in(emails["leon"]).status_code == 200
    before = data_visitor.asks().text
    with stream(data_visitor, "/graphql") as connection:
        execute(doors, f"delete from role_grant where account_id = {account}", emails["leon"])
        assert closed_within(connection) == 1008
    assert data_visitor.visit().status_code == 403
    assert data_visitor.asks().text != before, "an open page loads itself again"
    execute(
        doors, f"insert into role_grant (id, account_id, role) values (uuidv7(), {account}, 'hr_data')", emails["leon"]
    )
    assert data_visitor.visit("/sign-in").status_code == 200


def test_signing_off_anywhere_ends_it_everywhere_an_open_connection_too(
    doors: Settings, visitor: Visitor, emails: dict[str, str]
) -> None:
    visitor.sign_in(emails["dora"])
    with Visitor(doors, at="dagster") as pipelines:
        pipelines.cookies = visitor.cookies
        assert pipelines.visit().status_code == 200, "signed on once"
        with stream(visitor) as page, stream(pipelines, "/graphql") as runs:
            done = pipelines.get("/sign-out", headers={**PAGE, "Sec-Fetch-Site": "same-origin"}, follow_redirects=True)
            assert str(done.url) == f"{doors.dagster_url}/signed-out"
            assert "You are signed out" in done.text
            assert closed_within(page) == 1008
            assert closed_within(runs) == 1008
        assert (visitor.asks().status_code, pipelines.asks().status_code) == (401, 401)
        assert visitor.visit().url.path == "/sign-in", "the authorization server asks for the password again"


def test_a_link_of_another_site_signs_nobody_off_unasked(visitor: Visitor, emails: dict[str, str]) -> None:
    visitor.sign_in(emails["ada"])
    page = visitor.get("/sign-out", headers={**PAGE, "Sec-Fetch-Site": "cross-site"}, follow_redirects=True)
    assert "Sign out?" in page.text
    assert visitor.asks().status_code == 200


def test_a_leaver_loses_an_open_page_within_seconds(doors: Settings, visitor: Visitor, emails: dict[str, str]) -> None:
    visitor.sign_in(emails["ben"])
    with stream(visitor) as page:
        execute(doors, "update account set is_active = false where email = %s", emails["ben"])
        assert closed_within(page) == 1008
    assert visitor.asks().status_code == 401


def signed_in_here(settings: Settings, monkeypatch: pytest.MonkeyPatch, email: str) -> Session:
    """A session of this process at the real authorization server."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    site = Site("praxis-dashboards", settings.dashboards_url, ("openid", "reports"))
    with Visitor(settings) as browser:
        address, flow = sign_in.begin(site, "/")
        following = parse_qs(urlsplit(browser.get(address).headers["location"]).query)["next"][0]
        form = {"email": email, "password": PASSWORD, "next": following}
        own = {"Sec-Fetch-Site": "same-origin"}
        on = browser.post(f"{settings.api_url}/sign-in", data=form, headers=own).headers["location"]
        back = browser.get(settings.api_url + on).headers["location"]
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    return Session(site, sign_in.finish(site, flow, answer))


def test_a_refresh_token_used_twice_ends_the_sign_in(
    doors: Settings, emails: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = signed_in_here(doors, monkeypatch, emails["ada"])
    first = session.tokens
    second = sign_in.renew(session.site, first)
    assert second
    assert second.access != first.access
    assert sign_in.usable_scopes(session.site, second) == {"openid", "reports"}
    assert sign_in.renew(session.site, first) is None, "a thief, or the one that was robbed"
    assert sign_in.usable_scopes(session.site, second) is None
    session.tokens = second
    with pytest.raises(SessionEnded):
        monkeypatch.setattr("dashboards.session.LOOK_AGAIN_S", -1)
        session.check()


def test_expired_tokens_are_renewed_and_restarts_survived_without_a_password(
    place: Settings, emails: dict[str, str], doors: Settings
) -> None:
    short = place.model_copy(update={"access_token_ttl_s": 2, "api_port": free_port(), "dashboards_port": free_port()})
    with Visitor(short) as visitor:
        with running(short, "dashboards"):
            with running(short, "api"):
                visitor.sign_in(emails["ada"])
                known = visitor.asks().text
                with stream(visitor) as page:
                    time.sleep(5)
                    page.ping().wait(5)
                    assert visitor.asks().text == known, "two tokens later"
            time.sleep(2.5)
            away = visitor.visit()
            assert away.status_code == 503
            assert "Praxis is not answering" in away.text
            with running(short, "api"):
                assert visitor.asks().text == known, "the API came back"
        with running(short, "api", "dashboards"):
            again = visitor.visit("/?course=1")
            assert (again.status_code, str(again.url)) == (200, f"{visitor.site}/?course=1")
            assert visitor.asks().text != known, "a new session of the dashboards"

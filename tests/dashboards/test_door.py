"""The doors of the dashboards and of Dagster: real processes, spoken to as browsers and attackers do."""

import asyncio
import http.client
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg2
import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.service import hash_password
from dashboards import sign_in
from dashboards.session import LOOK_AGAIN_S, Session, SessionEnded
from dashboards.sign_in import Flow, Site
from tests.dashboards.visitors import FETCH, PAGE, PASSWORD, Visitor, with_query
from tests.factories import make_person
from tests.loops import apart
from tests.processes import environment, free_port, running

SOON_S = LOOK_AGAIN_S + 3
PEOPLE = {"ada": (), "ben": (), "dora": ("hr_data",), "leon": (), "otto": ("officer", "auditor")}


async def _employ(url: str) -> dict[str, str]:
    engine, password_hash = make_engine(url, pool_size=1), hash_password(PASSWORD)
    async with AsyncSession(engine) as session:
        people = {
            name: await make_person(session, name, roles=roles, password_hash=password_hash)
            for name, roles in PEOPLE.items()
        }
        emails = {name: str(person.email) for name, person in people.items()}
        await session.commit()
    await engine.dispose()
    return emails


@pytest.fixture(scope="module")
def emails(database_url: str) -> dict[str, str]:
    return apart(lambda: asyncio.run(_employ(database_url)))


@pytest.fixture(scope="module")
def place(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        home=tmp_path_factory.mktemp("door"),
        database_url=database_url,
        api_port=free_port(),
        dashboards_port=free_port(),
        dagster_port=free_port(),
    )


@pytest.fixture(scope="module")
def doors(place: Settings, emails: dict[str, str]) -> Iterator[Settings]:
    with running(place, "api", "dashboards", "dagster"):
        yield place


@pytest.fixture
def visitor(doors: Settings) -> Iterator[Visitor]:
    with Visitor(doors) as one:
        yield one


@pytest.fixture
def data_visitor(doors: Settings) -> Iterator[Visitor]:
    with Visitor(doors, at="dagster") as one:
        yield one


def execute(settings: Settings, statement: str, *values: object) -> None:
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)


def eventually(condition: Callable[[], object], seconds: float = SOON_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.2)


def stream(visitor: Visitor, path: str = "/_stcore/stream", *, origin: str | None = None) -> ClientConnection:
    """The websocket that a page opens, with the browser's cookies."""
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    address = visitor.site.replace("http", "ws", 1) + path
    protocol = "graphql-ws" if path == "/graphql" else "streamlit"
    return connect(
        address,
        origin=origin or visitor.site,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookies},
        subprotocols=[protocol],  # type: ignore[list-item]
        proxy=None,
    )


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


def test_who_is_not_signed_in_comes_back_to_the_page_they_wanted(visitor: Visitor, emails: dict[str, str]) -> None:
    page = visitor.sign_in(emails["ada"], "/?course=1&week=2")
    assert (page.status_code, str(page.url)) == (200, f"{visitor.site}/?course=1&week=2")
    assert "Streamlit" in page.text
    assert visitor.visit().status_code == 200


def test_the_cookie_is_for_the_browser_alone_and_holds_no_token(visitor: Visitor, emails: dict[str, str]) -> None:
    answer = visitor.get(visitor.until_callback(emails["ada"]))
    session = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(visitor.name))
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert "Path=/" in session
    assert "Domain" not in session
    assert "." not in (visitor.cookie or ""), "a JWT has dots"
    assert not any("_flow_" in name for name in visitor.cookies), "a sign-in that is done leaves nothing"


def test_a_planted_cookie_and_the_one_before_are_worth_nothing(visitor: Visitor, emails: dict[str, str]) -> None:
    visitor.cookies.set(visitor.name, "planted", domain="127.0.0.1")
    visitor.sign_in(emails["ada"])
    first = visitor.cookie
    visitor.get("/sign-in", follow_redirects=True)
    second = visitor.cookie
    assert len({"planted", first, second}) == 3
    assert visitor.asks().status_code == 200
    for old in ("planted", first):
        assert visitor.asks(Cookie=f"{visitor.name}={old}").status_code == 401


def test_another_browsers_way_back_is_refused(doors: Settings, visitor: Visitor, emails: dict[str, str]) -> None:
    with Visitor(doors) as attacker:
        stolen = attacker.until_callback(emails["ben"])
        for address in (stolen, with_query(stolen, state="guess"), with_query(stolen, state=None)):
            page = visitor.get(address)
            assert (page.status_code, visitor.cookie) == (400, None)
            assert "can't go on" in page.text.replace("&#x27;", "'")
        visitor.visit()
        own = Flow.unpacked(visitor.flow()[1])
        assert own
        assert visitor.get(with_query(stolen, state=own.state)).status_code == 403, "its code has another verifier"
        assert visitor.cookie is None


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"code": "guess"},
        {"code": None},
        {"code": None, "error": "access_denied"},
    ],
    ids=str,
)
def test_a_forged_way_back_lets_nobody_in(
    visitor: Visitor, emails: dict[str, str], changes: dict[str, str | None]
) -> None:
    page = visitor.get(with_query(visitor.until_callback(emails["ada"]), **changes))
    assert (page.status_code, visitor.cookie) == (403, None)
    assert "You are not signed in" in page.text


def test_an_id_token_for_another_nonce_lets_nobody_in(visitor: Visitor, emails: dict[str, str]) -> None:
    back = visitor.until_callback(emails["ada"])
    name, packed = visitor.flow()
    flow = Flow.unpacked(packed)
    assert flow
    visitor.cookies.set(name, replace(flow, nonce="another").packed(), domain="127.0.0.1")
    assert visitor.get(back).status_code == 403
    assert visitor.cookie is None


def test_a_replayed_way_back_is_refused_and_ends_what_the_first_began(visitor: Visitor, emails: dict[str, str]) -> None:
    back = visitor.until_callback(emails["ada"])
    name, packed = visitor.flow()
    assert visitor.get(back).status_code == 303
    assert visitor.get(back).status_code == 400, "its cookie is gone"
    visitor.cookies.set(name, packed, domain="127.0.0.1")
    assert visitor.get(back).status_code == 403
    eventually(lambda: visitor.asks().status_code == 401)


def test_two_tabs_may_sign_in_at_once(visitor: Visitor, emails: dict[str, str]) -> None:
    first = visitor.get("/?tab=1").headers["location"]
    back = visitor.until_callback(emails["ada"], "/?tab=2")
    assert str(visitor.get(back, follow_redirects=True).url).endswith("/?tab=2")
    assert str(visitor.get(first, follow_redirects=True).url).endswith("/?tab=1")


@pytest.mark.parametrize("path", ["/_stcore/host-config", "/_stcore/metrics", "/media/x", "/component/x/index.html"])
def test_what_a_page_loads_is_refused_not_led_to_a_form(visitor: Visitor, path: str) -> None:
    assert visitor.asks(path).status_code == 401
    assert visitor.asks("/door/session").status_code == 401


@pytest.mark.parametrize("path", ["/_stcore/health", "/favicon.png", "/app/static/inter.woff2", "/door/door.css"])
def test_health_and_files_of_the_product_need_no_sign_in(visitor: Visitor, path: str) -> None:
    assert visitor.asks(path).status_code == 200


SECRET_PATHS = [
    "/door/../session.py",
    "/door/..%2fsession.py",
    "/door/%2e%2e/session.py",
    "/door//door.css",
    "/door/door.css/../../session.py",
    "/static/../../../../etc/passwd",
    "/static/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/static/%2e%2e/_stcore/metrics",
    "/app/static/../main.py",
    "/app/static/..%2fmain.py",
    "/app/static/%2e%2e%2f.streamlit%2fconfig.toml",
    "/app/static/..%5cmain.py",
    "/favicon.png/../_stcore/metrics",
    "/_stcore/health/../metrics",
    "//etc/passwd",
]


@pytest.mark.parametrize("path", SECRET_PATHS)
def test_no_path_climbs_out_of_the_open_folders(doors: Settings, path: str) -> None:
    for port, mine in (
        (doors.dashboards_port, path),
        (doors.dagster_port, path.replace("_stcore/health", "server_info")),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", mine)  # as it is: a browser's library would tidy it up
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status in (400, 401, 404) or (answer.status == 200 and b"<title>Streamlit" in body), answer.status
        assert not any(word in body for word in (b"root:", b"import ", b"[server]", b"# HELP")), body[:200]
        connection.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
    ids=str,
)
def test_another_site_loads_nothing_but_may_link_here(
    visitor: Visitor, emails: dict[str, str], headers: dict[str, str]
) -> None:
    visitor.sign_in(emails["ada"])
    assert visitor.asks("/_stcore/host-config").status_code == 200
    assert visitor.asks("/_stcore/host-config", **headers).status_code == 403
    linked = visitor.get("/", headers={**PAGE, "Sec-Fetch-Site": "cross-site"})
    assert linked.status_code == 200


@pytest.mark.parametrize("path", ["/graphql", "/report_asset_materialization/x"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    ],
    ids=str,
)
def test_an_unsafe_request_of_another_site_is_refused(
    data_visitor: Visitor, emails: dict[str, str], path: str, headers: dict[str, str]
) -> None:
    data_visitor.sign_in(emails["dora"])
    signed_in = {"Cookie": f"{data_visitor.name}={data_visitor.cookie}"}
    ours = httpx.post(data_visitor.site + path, json={}, headers={**signed_in, "Origin": data_visitor.site})
    assert ours.status_code != 403
    assert httpx.post(data_visitor.site + path, json={}, headers={**signed_in, **headers}).status_code == 403


def test_a_query_of_another_site_by_an_image_does_not_reach_dagster(
    data_visitor: Visitor, emails: dict[str, str]
) -> None:
    data_visitor.sign_in(emails["dora"])
    query = {"query": "{ version }"}
    assert data_visitor.get("/graphql", params=query, headers={**FETCH, "Accept": "*/*"}).json()["data"]
    image = {"Accept": "image/*", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert data_visitor.get("/graphql", params=query, headers=image).status_code == 403


def test_a_websocket_needs_our_origin_and_a_sign_in(visitor: Visitor, emails: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        stream(visitor)
    visitor.sign_in(emails["ada"])
    for origin in ("http://evil.example", "http://127.0.0.1:1", visitor.site + ".evil.example", "null"):
        with pytest.raises(InvalidStatus, match="403"):
            stream(visitor, origin=origin)
    with stream(visitor) as connection:
        assert connection.subprotocol == "streamlit"


def test_dagsters_subscriptions_come_through_the_door(data_visitor: Visitor, emails: dict[str, str]) -> None:
    data_visitor.sign_in(emails["dora"])
    with stream(data_visitor, "/graphql") as connection:
        connection.send('{"type": "connection_init"}')
        assert "connection_ack" in str(connection.recv(timeout=10))


@pytest.mark.parametrize("name", ["ada", "otto"])
def test_dagster_is_for_the_data_role_not_for_managers_and_auditors(
    data_visitor: Visitor, emails: dict[str, str], name: str
) -> None:
    page = data_visitor.sign_in(emails[name])
    assert page.status_code == 403
    assert "Not for your account" in page.text
    assert data_visitor.asks("/graphql?query={version}").status_code == 403
    with pytest.raises(InvalidStatus, match="403"):
        stream(data_visitor, "/graphql")


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


def test_localhost_is_led_to_the_name_whose_cookies_are_ours(doors: Settings, visitor: Visitor) -> None:
    answer = visitor.get(f"http://localhost:{doors.dashboards_port}/?course=1")
    assert answer.headers["location"] == f"{doors.dashboards_url}/?course=1"


def test_every_answer_has_its_headers(visitor: Visitor, data_visitor: Visitor, emails: dict[str, str]) -> None:
    visitor.sign_in(emails["dora"])
    data_visitor.sign_in(emails["dora"])
    answers = [one.get(path) for one in (visitor, data_visitor) for path in ("/", "/signed-out", "/door/door.css")]
    for answer in answers:
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy.partition("style-src")[0]
    assert "'unsafe-inline'" not in answers[0].headers["content-security-policy"].partition("style-src")[0]


def test_the_logs_have_neither_codes_nor_tokens(doors: Settings, visitor: Visitor, emails: dict[str, str]) -> None:
    back = visitor.until_callback(emails["ada"])
    visitor.get(back)
    visitor.get("/sign-out")
    code = parse_qs(urlsplit(back).query)["code"][0]
    for part in ("api", "dashboards", "dagster"):
        told = (doors.home / f"{part}.log").read_text()
        assert not any(word in told for word in (code, visitor.cookie or code, "code=", "id_token_hint", "Bearer ey"))


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

"""Who comes in and how; what attackers and other sites try. Spoken to as browsers without scripts do."""

import http.client
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.responses import PlainTextResponse
from websockets.exceptions import InvalidStatus

from api.core.settings import Settings
from dashboards.door import Door
from dashboards.session import Sessions
from dashboards.sign_in import Flow, Site
from tests.dashboards.door.visitors import FETCH, PAGE, Visitor, stream, with_query


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


async def test_over_https_cookies_are_the_hosts_alone_and_plain_http_is_over() -> None:
    site = Site("praxis-dashboards", "https://dashboards.example", ("openid",))
    door = Door(PlainTextResponse("inside"), sessions=Sessions(site), open_paths=())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url=site.url) as browser:
        answer = await browser.get("/team", headers=PAGE)
        flow = answer.headers["set-cookie"]
        assert flow.startswith("__Host-praxis_flow_")
        assert "; Secure" in flow
        assert "max-age" in answer.headers["strict-transport-security"]
        assert (await browser.get("/team", headers={"Accept": "*/*"})).status_code == 401


def test_the_logs_have_neither_codes_nor_tokens(doors: Settings, visitor: Visitor, emails: dict[str, str]) -> None:
    back = visitor.until_callback(emails["ada"])
    visitor.get(back)
    visitor.get("/sign-out")
    code = parse_qs(urlsplit(back).query)["code"][0]
    for part in ("api", "dashboards", "dagster"):
        told = (doors.home / f"{part}.log").read_text()
        assert not any(word in told for word in (code, visitor.cookie or code, "code=", "id_token_hint", "Bearer ey"))

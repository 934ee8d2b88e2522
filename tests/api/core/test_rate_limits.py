"""Budgets: what is counted, that it slides, that processes count together, and what happens without a store."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from limits import parse
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.core.ratelimit import RateLimits, rate_limits
from api.core.ratelimit_guard import network_of
from api.core.ratelimit_postgres import PATIENCE_S, PostgresStorage, open_postgres
from api.core.ratelimit_rules import Window, budget, budget_of
from api.core.settings import Settings
from tests.api.core.stores import redis_server
from tests.factories import make_person
from tests.openapi import document
from tests.processes import free_port, serving

SMALL = {
    "rate_search": "5/minute",
    "rate_reports": "40/minute",
    "rate_sign_in": "8/minute",
    "rate_requests": "60/minute",
}


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    with redis_server() as address:
        yield address


@pytest.fixture(params=["postgres", "redis"])
def limited(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Small budgets, in either store."""
    store = request.getfixturevalue("redis") if request.param == "redis" else "postgres"
    return settings.model_copy(update={"rate_limits": store, **SMALL})


@pytest.fixture
def url(settings: Settings) -> URL:
    return make_url(settings.database_url)


@asynccontextmanager
async def application(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def clocked(url: URL) -> AsyncIterator[tuple[PostgresStorage, Clock]]:
    clock = Clock()
    storage = await open_postgres(url, clock=clock)
    yield storage, clock
    await storage.close()


@pytest.mark.parametrize(
    ("method", "path", "query", "name"),
    [
        ("GET", "/health/ready", "", None),
        ("GET", "/static/pages.css", "", None),
        ("GET", "/media/" + "0" * 64, "", None),
        ("POST", "/sign-in", "", "sign_in"),
        ("GET", "/sign-in", "", "requests"),
        ("POST", "/account/password", "", "sign_in"),
        ("POST", "/oauth/token", "", "token"),
        ("POST", "/oauth/introspect", "", "clients"),
        ("GET", "/courses", "search=fire", "search"),
        ("GET", "/courses", "search=%20&limit=3", "requests"),
        ("POST", "/engagement", "", "engagement"),
        ("GET", "/compliance-report", "format=csv", "reports"),
        ("GET", "/audit-log", "", "reports"),
        ("POST", "/progress", "", "requests"),
    ],
)
def test_each_request_draws_on_one_budget(method: str, path: str, query: str, name: str | None) -> None:
    assert budget_of(method, path, query) == name


@pytest.mark.parametrize(
    ("window", "elapsed", "later", "used"),
    [
        (Window(0, 6, 60), 0, Window(0, 6, 60), 6),
        (Window(8, 6, 30), 0, Window(8, 6, 30), 10),  # half of the window before is still in the last minute
        (Window(8, 6, 30), 15, Window(8, 6, 15), 8),
        (Window(8, 6, 30), 60, Window(6, 0, 30), 3),
        (Window(8, 6, 30), 90.5, Window(0, 0, 59.5), 0),
    ],
)
def test_the_window_slides(window: Window, elapsed: float, later: Window, used: int) -> None:
    assert (window.after(elapsed, 60), window.after(elapsed, 60).used(60)) == (later, used)


@pytest.mark.parametrize("window", [Window(0, 10, 30), Window(10, 5, 50), Window(10, 0, 60), Window(3, 12, 1)])
def test_after_the_wait_one_more_fits_and_a_second_before_it_does_not(window: Window) -> None:
    wait = window.wait_s(10, 60)
    assert window.after(wait, 60).used(60) < 10
    assert wait == 1 or window.after(wait - 1.01, 60).used(60) >= 10


@pytest.mark.parametrize("told", ["", "many", "10", "10/fortnight", "-1/minute"])
def test_a_budget_that_cannot_be_read_names_its_setting(told: str) -> None:
    with pytest.raises(ValueError, match="PRAXIS_RATE_SEARCH"):
        budget("search", told)


def test_a_household_with_many_addresses_is_one_caller() -> None:
    assert network_of(("2001:db8:1:2::5", 1)) == network_of(("2001:db8:1:2:ffff::9", 1)) == "2001:db8:1:2::/64"
    assert network_of(("::ffff:10.0.0.7", 1)) == "10.0.0.7"
    assert network_of(None) == network_of(("testclient", 1)) == "unknown"


async def test_the_librarys_own_strategy_works_over_postgres(clocked: tuple[PostgresStorage, Clock]) -> None:
    storage, clock = clocked
    limiter, item = SlidingWindowCounterRateLimiter(storage), parse("10/minute")
    clock.now -= clock.now % 60  # a window begins
    assert [await limiter.hit(item, "a") for _ in range(12)] == [True] * 10 + [False] * 2
    assert (await limiter.get_window_stats(item, "a")).remaining == 0
    clock.now += 90  # half of the ten are older than a minute
    assert [await limiter.hit(item, "a") for _ in range(7)] == [True] * 5 + [False] * 2
    assert await limiter.test(item, "b")
    await limiter.clear(item, "a")
    assert await limiter.hit(item, "a", cost=10)
    assert not await limiter.hit(item, "a", cost=11)


async def test_of_many_at_the_same_moment_exactly_the_limit_passes(url: URL) -> None:
    storages = [await open_postgres(url) for _ in range(3)]
    key = uuid.uuid4().hex
    hits = [storages[n % 3].acquire_sliding_window_entry(key, 25, 3600) for n in range(60)]
    assert sum(await asyncio.gather(*hits)) == 25
    for storage in storages:
        await storage.close()


async def test_windows_that_are_over_are_swept(url: URL, clocked: tuple[PostgresStorage, Clock]) -> None:
    storage, _ = clocked
    await storage.count([("long ago", 60, 1)])
    await storage.sweep()
    assert await storage.get("long ago") == 0
    rows = await storage._fetch("select 1 from rate_window where key = 'long ago'")
    assert not rows


async def test_counting_waits_for_no_disk(url: URL) -> None:
    storage = await open_postgres(url)
    persistence = "select relpersistence::text as kept from pg_class where relname = 'rate_window'"
    assert (await storage._fetch(persistence))[0]["kept"] == "u"
    assert (await storage._fetch("show synchronous_commit"))[0][0] == "off"
    await storage.close()


async def test_two_processes_share_one_budget_within_the_stated_error(limited: Settings, url: URL) -> None:
    """Each may be ahead by a twentieth; afterwards neither lets anything through."""
    async with rate_limits(limited, url) as one, rate_limits(limited, url) as two:
        who = uuid.uuid4().hex
        passed = 0
        for n in range(120):
            answer = await (one, two)[n % 2].take("reports", who)
            passed += not answer.is_refused
        assert 40 <= passed <= 40 + 2 * (40 // 20)
        await one.tidy()
        await two.tidy()
        async with rate_limits(limited, url) as third:
            assert (await third.take("reports", who)).is_refused


async def test_a_guarded_budget_is_exact_and_success_costs_nothing(limited: Settings, url: URL) -> None:
    async with rate_limits(limited, url) as one, rate_limits(limited, url) as two:
        who = uuid.uuid4().hex
        for _ in range(20):  # a whole company signs in from one address
            assert not (await one.take("sign_in", who)).is_refused
            await one.give_back("sign_in", who)
        answers = await asyncio.gather(*((one, two)[n % 2].take("sign_in", who) for n in range(30)))
        assert sum(not answer.is_refused for answer in answers) == 8


async def test_without_a_store_requests_go_on_and_guesses_do_not() -> None:
    storage = await open_postgres(make_url("postgresql://postgres:x@127.0.0.1:9/none"))
    clock = Clock()
    budgets = {"requests": budget("requests", "1200/minute"), "sign_in": budget("sign_in", "8/minute", is_guarded=True)}
    alone = RateLimits(budgets, storage, clock=clock)
    assert not any([(await alone.take("requests", "a")).is_refused for _ in range(100)])
    assert [(await alone.take("sign_in", "a")).is_refused for _ in range(4)] == [False, False, True, True]
    clock.now += 121
    assert not (await alone.take("sign_in", "a")).is_refused
    await storage.close()


async def test_a_store_that_hangs_delays_one_request_and_not_the_next() -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", port := free_port())
    storage = await open_postgres(make_url(f"postgresql://postgres@127.0.0.1:{port}/none"))
    alone = RateLimits({"search": budget("search", "60/minute")}, storage)
    began = asyncio.get_running_loop().time()  # which waited for the connection already
    for _ in range(10):
        await alone.take("search", "a")
    assert PATIENCE_S / 2 < asyncio.get_running_loop().time() - began < 2 * PATIENCE_S
    await storage.close()
    server.close()


async def test_over_the_limit_is_a_429_that_says_how_long_to_wait(
    limited: Settings, token_for: Callable[..., dict[str, str]], committed: AsyncSession
) -> None:
    person = await make_person(committed)
    await committed.commit()
    async with application(limited) as client:
        headers = token_for(person.id)
        answers = [await client.get("/courses?search=fire", headers=headers) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert [answer.headers["ratelimit-policy"] for answer in answers] == ['"search";q=5;w=60'] * 6
        left = [int(re.match(r'"search";r=(\d+);t=\d+$', answer.headers["ratelimit"])[1]) for answer in answers]
        assert left == [4, 3, 2, 1, 0, 0]
        refused = answers[-1]
        assert refused.headers["content-type"] == "application/problem+json"
        assert 1 <= int(refused.headers["retry-after"]) <= 120
        assert refused.json()["violated-policies"] == ["search"]
        assert (await client.get("/courses", headers=headers)).status_code == 200  # another budget
        other = await make_person(committed)
        await committed.commit()
        assert (await client.get("/courses?search=fire", headers=token_for(other.id))).status_code == 200


async def test_whoever_is_nobody_is_known_by_the_address_whatever_token_they_invent(limited: Settings) -> None:
    async with application(limited) as client:
        answers = [
            await client.get(
                "/courses?search=a", headers={"Authorization": f"Bearer a.{n}.c", "Cookie": f"praxis_8000={n}"}
            )
            for n in range(6)
        ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]


async def test_probes_and_files_are_not_limited(limited: Settings) -> None:
    async with application(limited) as client:
        for path in ("/health/live", "/static/pages.css"):
            answers = [await client.get(path) for _ in range(80)]
            assert {answer.status_code for answer in answers} == {200}
            assert "ratelimit" not in answers[-1].headers


async def test_two_servers_count_together(limited: Settings, token_for: Callable[..., dict[str, str]]) -> None:
    headers = token_for(uuid.uuid4())
    first, second = (limited.model_copy(update={"api_port": free_port()}) for _ in range(2))
    shared = {"public_url": limited.api_url}
    one, two = first.model_copy(update=shared), second.model_copy(update=shared)
    with serving(one), serving(two):
        async with httpx.AsyncClient(headers=headers) as client:
            statuses = [
                (await client.get(f"http://127.0.0.1:{each.api_port}/courses?search=x")).status_code
                for each in (one, two) * 4
            ]
    assert statuses[5:] == [429] * 3
    assert 429 not in statuses[:5]


def test_openapi_says_429_where_a_request_is_limited_and_nowhere_else() -> None:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            is_limited = budget_of(method.upper(), path) is not None
            assert ("429" in operation["responses"]) == is_limited, path


def test_a_company_that_polls_its_dashboards_stays_within_the_budgets() -> None:
    """Four tabs, each asking five reports every five seconds."""
    reports = budget("reports", Settings().rate_reports)
    assert reports.quota / reports.span_s >= 4 * 5 / 5

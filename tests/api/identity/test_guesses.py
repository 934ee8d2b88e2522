"""Guessing passwords: it gets slow, it tells nothing, and it locks nobody out."""

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.core.settings import Settings
from api.identity import guesses
from api.identity.models import SignInGuess
from api.identity.rules import wait_after
from api.people.models import Person
from tests.api.identity.conftest import PASSWORD, sign_in
from tests.factories import make_person

WRONG = "not the password"


async def guess(browser: httpx.AsyncClient, email: str, password: str = WRONG) -> httpx.Response:
    return await browser.post("/sign-in", data={"email": email, "password": password})


@pytest.fixture
async def elsewhere(api: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Another browser, without cookies."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=api._transport, base_url="http://praxis", headers=headers) as one:
        yield one


async def later(session: AsyncSession, seconds: int) -> None:
    """Time passes for every guess."""
    await session.execute(
        text("update sign_in_guess set open_at = open_at - make_interval(secs => :s)"), {"s": seconds}
    )
    await session.commit()


@pytest.mark.parametrize(
    ("failures", "wait"), [(1, 0), (4, 0), (5, 30), (6, 60), (7, 120), (11, 1920), (12, 3600), (99, 3600), (100, 86400)]
)
def test_the_wait_grows_to_an_hour_and_at_a_hundred_to_a_day(failures: int, wait: int) -> None:
    assert wait_after(failures) == wait


async def test_after_five_wrong_ones_even_the_right_one_waits(
    elsewhere: httpx.AsyncClient, ada: Person, committed: AsyncSession
) -> None:
    assert [(await guess(elsewhere, ada.email)).status_code for _ in range(5)] == [401] * 5
    locked = await guess(elsewhere, ada.email, PASSWORD)
    assert (locked.status_code, 25 <= int(locked.headers["retry-after"]) <= 30) == (429, True)
    assert re.search(r"Wait \d+ seconds, then try again", locked.text)
    await later(committed, 31)
    assert (await guess(elsewhere, ada.email, PASSWORD)).status_code == 303


async def test_the_next_wait_is_longer_and_a_refused_try_does_not_prolong_it(
    elsewhere: httpx.AsyncClient, ada: Person, committed: AsyncSession
) -> None:
    for _ in range(5):
        await guess(elsewhere, ada.email)
    await later(committed, 31)
    assert (await guess(elsewhere, ada.email)).status_code == 401
    first = int((await guess(elsewhere, ada.email)).headers["retry-after"])
    for _ in range(10):
        last = int((await guess(elsewhere, ada.email)).headers["retry-after"])
    assert 50 <= last <= first <= 60


async def test_an_email_that_nobody_has_is_treated_the_same(elsewhere: httpx.AsyncClient, ada: Person) -> None:
    def told(answer: httpx.Response, email: str) -> tuple[int, str, set[str]]:
        return (
            answer.status_code,
            re.sub(r"\d+ second", "N second", answer.text.replace(email, "")),
            set(answer.headers),
        )

    for _ in range(7):
        known, unknown = await guess(elsewhere, ada.email), await guess(elsewhere, "nobody@example.com")
        assert told(known, ada.email) == told(unknown, "nobody@example.com")


async def test_writing_the_email_otherwise_is_the_same_email(elsewhere: httpx.AsyncClient, ada: Person) -> None:
    written = [ada.email, ada.email.upper(), f" {ada.email} ", ada.email.title(), ada.email]
    assert [(await guess(elsewhere, email)).status_code for email in written] == [401] * 5
    assert (await guess(elsewhere, ada.email.swapcase())).status_code == 429


async def test_a_hundred_guesses_at_the_same_moment_are_five(elsewhere: httpx.AsyncClient, ada: Person) -> None:
    answers = await asyncio.gather(*(guess(elsewhere, ada.email) for _ in range(30)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 25


async def test_a_refusal_costs_no_argon2(elsewhere: httpx.AsyncClient, ada: Person) -> None:
    began = time.perf_counter()
    for _ in range(5):
        await guess(elsewhere, ada.email)
    looked_at = (time.perf_counter() - began) / 5
    began = time.perf_counter()
    for _ in range(20):
        assert (await guess(elsewhere, ada.email)).status_code == 429
    assert (time.perf_counter() - began) / 20 < looked_at / 2


async def test_whoever_guesses_elsewhere_does_not_lock_out_a_browser_that_signed_in_before(
    browser: httpx.AsyncClient, elsewhere: httpx.AsyncClient, ada: Person
) -> None:
    assert (await sign_in(browser, ada)).status_code == 303
    await browser.post("/sign-out")
    for _ in range(6):
        await guess(elsewhere, ada.email)
    assert (await guess(elsewhere, ada.email, PASSWORD)).status_code == 429
    assert (await guess(browser, ada.email)).status_code == 401  # a typo of hers
    assert (await sign_in(browser, ada)).status_code == 303


async def test_a_known_browser_has_a_budget_too(browser: httpx.AsyncClient, ada: Person) -> None:
    await sign_in(browser, ada)
    assert [(await guess(browser, ada.email)).status_code for _ in range(6)] == [401] * 5 + [429]


async def test_a_right_password_forgets_the_wrong_ones_before(elsewhere: httpx.AsyncClient, ada: Person) -> None:
    for _ in range(3):
        for _ in range(4):
            assert (await guess(elsewhere, ada.email)).status_code == 401
        assert (await guess(elsewhere, ada.email, PASSWORD)).status_code == 303
        elsewhere.cookies.clear()


@pytest.mark.parametrize("forged", ["x", "x.y", "." * 70, "é.é", "{nonce}.{other}"])
async def test_the_cookie_of_a_known_browser_cannot_be_made_up(
    elsewhere: httpx.AsyncClient, ada: Person, settings: Settings, forged: str
) -> None:
    """Nor taken from another person's browser."""
    nonce, _, mac = guesses.device_cookie(settings, "eve@example.com", None).partition(".")
    value = forged.format(nonce=nonce, other=mac)
    cookies = {"Cookie": f"{guesses.device_cookie_name(settings)}={value}".encode()}
    for _ in range(5):
        await elsewhere.post("/sign-in", data={"email": ada.email, "password": WRONG}, headers=cookies)
    answer = await elsewhere.post("/sign-in", data={"email": ada.email, "password": PASSWORD}, headers=cookies)
    assert answer.status_code == 429


async def test_the_cookie_of_a_known_browser_is_read_by_no_script_and_stays(
    browser: httpx.AsyncClient, ada: Person, settings: Settings
) -> None:
    answer = await sign_in(browser, ada)
    name = guesses.device_cookie_name(settings)
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(name)).lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and f"max-age={settings.device_cookie_ttl_s}" in cookie
    assert (settings.secrets_dir / "device_key").stat().st_mode & 0o077 == 0
    before = browser.cookies[name]
    await sign_in(browser, ada)
    assert browser.cookies[name] == before
    assert (await browser.get("/account")).status_code == 200
    browser.cookies = {name: before}  # it alone signs nobody in
    assert (await browser.get("/account")).status_code == 303


async def test_guessing_the_password_of_an_open_session_waits_too(browser: httpx.AsyncClient, ada: Person) -> None:
    await sign_in(browser, ada)

    async def change(current: str, new: str = "a new one, long enough", again: str | None = None) -> httpx.Response:
        form = {"current": current, "new": new, "again": again or new}
        return await browser.post("/account/password", data=form)

    for _ in range(4):
        assert (await change(WRONG)).status_code == 422
    assert (await change(PASSWORD, "short")).status_code == 422  # right, so what was wrong before is forgotten
    for _ in range(5):
        assert (await change(WRONG)).status_code == 422
        assert (await change(WRONG, again="differs")).status_code == 422  # which must not forget it
    locked = await change(PASSWORD)
    assert (locked.status_code, "retry-after" in locked.headers) == (429, True)
    await browser.post("/sign-out")
    assert (await sign_in(browser, ada)).status_code == 303


async def test_what_was_typed_is_not_kept(elsewhere: httpx.AsyncClient, committed: AsyncSession) -> None:
    """People type their password into the wrong field."""
    await guess(elsewhere, "hunter2-my-password")
    kept = await committed.scalar(
        select(func.count()).where(SignInGuess.subject_hash == hashlib.sha256(b"hunter2-my-password").digest())
    )
    assert kept == 1


async def test_guesses_of_yesterday_are_swept(
    elsewhere: httpx.AsyncClient, ada: Person, committed: AsyncSession
) -> None:
    await guess(elsewhere, "somebody@example.com")
    await later(committed, 90_000)
    assert (await guess(elsewhere, ada.email, PASSWORD)).status_code == 303
    assert not (await committed.execute(select(SignInGuess))).all()


async def test_spraying_one_password_over_many_people_is_stopped_by_the_address(
    settings: Settings, committed: AsyncSession
) -> None:
    people = [await make_person(committed, f"Person {n}") for n in range(8)]
    await committed.commit()
    app = create_app(settings.model_copy(update={"rate_limits": "postgres", "rate_sign_in": "5/minute"}))
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 1))
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html,*/*"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://praxis", headers=headers) as attacker,
    ):
        answers = [await guess(attacker, person.email, "Summer2026!") for person in people]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 3
    assert "Wait" in answers[-1].text and int(answers[-1].headers["retry-after"]) > 0
    assert answers[-1].headers["content-type"].startswith("text/html")


async def test_a_whole_company_may_sign_in_from_one_address(settings: Settings, ada: Person) -> None:
    app = create_app(settings.model_copy(update={"rate_limits": "postgres", "rate_sign_in": "5/minute"}))
    transport = httpx.ASGITransport(app, client=("203.0.113.10", 1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://praxis", headers={"Sec-Fetch-Site": "same-origin"}
        ) as office,
    ):
        assert [(await sign_in(office, ada)).status_code for _ in range(12)] == [303] * 12

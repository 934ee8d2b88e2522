"""GET /courses over 100,000 courses: lists, searches, half words, counted filters, for the first time and again.

python -m tests.bench.catalogue [--quick]
"""

import asyncio
import itertools
import random
import statistics
import sys
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.tokens import operator_token
from tests.bench.big_catalogue import COURSES, ENGLISH, GERMAN, fill
from tests.bench.load import Load, Request, get, run
from tests.bench.place import install, line, machine, served
from tests.factories import make_person
from tests.processes import free_port

CLIENTS = 32
LIMIT_MS = 10
WORDS = [*ENGLISH.split(), *GERMAN.split()]
_numbers = itertools.count()


def _word(rng: random.Random) -> str:
    """As unevenly as titles have them."""
    return WORDS[int(rng.random() ** 2 * len(WORDS))].lower().encode("ascii", "ignore").decode()


def _new(path: Callable[[random.Random], str]) -> Callable[[str], Request]:
    """Each question is asked once only: `limit` makes those different that have the same words."""

    def of(token: str) -> Request:
        rng = random.Random(next(_numbers))
        return lambda n: get(f"/courses?{path(rng)}&limit={20 + n % 60}", token)

    return of


def _same(path: str) -> Callable[[str], Request]:
    return lambda token: lambda _, message=get(f"/courses?{path}", token): message  # type: ignore[misc]


def _searched(rng: random.Random) -> str:
    return f"search={_word(rng)}+site{int(rng.random() ** 3 * 900)}"


def _typed(rng: random.Random) -> str:
    word = _word(rng)
    return f"search={word[: rng.randint(2, len(word))]}"


CASES: list[tuple[str, Callable[[str], Request]]] = [
    ("list, again", _same("limit=20")),
    ("search, again", _same("search=negotiation+site8&limit=20")),
    ("half a word, again", _same("search=negot&limit=20")),
    ("list with counted filters, again", _same("limit=20&facets=true")),
    ("search with counted filters, again", _same("search=phish&limit=20&facets=true")),
    ("search, two words, each for the first time", _new(_searched)),
    ("one word, half typed, each for the first time", _new(_typed)),
    ("one category, each page for the first time", _new(lambda rng: f"category=Law&max_minutes={rng.randint(5, 240)}")),
    ("two words with counts, for the first time", _new(lambda rng: _searched(rng) + "&facets=true")),
]


async def _fill(settings: Settings, courses: int) -> list[str]:
    engine = make_engine(settings.database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        await fill(session, courses)
        people = [await make_person(session, f"Learner {number}") for number in range(CLIENTS)]
        await session.commit()
    await engine.dispose()
    return [operator_token(settings, person.id, ("employee",)) for person in people]


def measure(tokens: list[str], api: int, hello: int, *, rounds: int, seconds: float) -> None:
    for clients in (1, CLIENTS):
        for name, requests in CASES:
            loads: list[Load] = []
            limits: list[float] = []
            for _ in range(rounds):
                loads.append(run(api, [requests(token) for token in tokens[:clients]], seconds))
                limits.append(run(hello, [lambda _: get("/hello")] * clients, seconds).rate)
            rate, p50, p99 = (
                statistics.median(getattr(one, key) for one in loads) for key in ("rate", "p50_ms", "p99_ms")
            )
            figure = f"{rate:,.0f}/s  p50 {p50:.1f}  p99 {p99:.1f} ms"
            told = f"{name}, {clients} client{'s' * (clients > 1)}"
            if clients == 1:
                line(told, figure, f"p50 {LIMIT_MS} ms", p50 / LIMIT_MS)
            else:
                most = statistics.median(limits)
                line(told, figure, f"hello {most:,.0f}/s", rate / most)


def main() -> None:
    quick = "--quick" in sys.argv
    machine()
    with (
        install() as settings,
        served(settings, free_port(), "/hello", "tests.bench.hello:app") as hello,
        served(settings, settings.api_port, "/health/ready", "--factory", "api.app:create_app") as api,
    ):
        tokens = asyncio.run(_fill(settings, COURSES // 20 if quick else COURSES))
        measure(tokens, api, hello, rounds=1 if quick else 3, seconds=1 if quick else 3)


if __name__ == "__main__":
    main()

"""What counting adds to a request: one that a process counts by itself, one that asks the store, and HTTP in turns.

python -m tests.bench.limits [--quick]
"""

import asyncio
import statistics
import sys
import time
from contextlib import ExitStack

from sqlalchemy.engine import make_url

from api.core.ratelimit import rate_limits
from api.core.settings import Settings
from tests.api.core.stores import redis_server
from tests.bench.api import CASES, Learner, _fill
from tests.bench.load import run
from tests.bench.place import install, line, machine, served
from tests.processes import free_port

NEVER_REFUSES = {f"rate_{name}": "100000000/minute" for name in ("search", "engagement", "reports", "requests")}
CHOSEN = ("GET /courses (list)", "POST /progress")


async def _counted(settings: Settings, callers: list[str]) -> list[float]:
    """Milliseconds of each `take`."""
    async with rate_limits(settings, make_url(settings.database_url)) as limits:
        await limits.take("requests", "warm")
        took = []
        for caller in callers:
            began = time.perf_counter()
            await limits.take("requests", caller)
            took.append(1000 * (time.perf_counter() - began))
    return took


def counting(settings: Settings) -> None:
    store = settings.rate_limits.split(":")[0]
    known = statistics.median(asyncio.run(_counted(settings, ["warm"] * 20_000)))
    asked = asyncio.run(_counted(settings, [f"caller {n}" for n in range(1000)]))
    line(f"counted here, {store}", f"p50 {known:.4f} ms", "19 of 20 of a budget", None)
    cuts = statistics.quantiles(asked, n=100)
    line(f"asked of the store, {store}", f"p50 {cuts[49]:.2f}  p99 {cuts[98]:.2f} ms", "1 of 20 of a budget", None)


def over_http(ports: dict[str, int], learner: Learner, *, rounds: int, seconds: float) -> None:
    for name, requests, _ in (case for case in CASES if case[0] in CHOSEN):
        found: dict[str, list[float]] = {kind: [] for kind in ports}
        for _round in range(rounds):
            for kind, port in ports.items():
                found[kind].append(run(port, [requests(learner)], seconds).p50_ms)
        base = statistics.median(found["off"])
        for kind, p50s in found.items():
            p50 = statistics.median(p50s)
            line(f"{name}, 1 client, {kind}", f"p50 {p50:.2f} ms", f"{p50 - base:+.2f} ms", None)


def main() -> None:
    quick = "--quick" in sys.argv
    machine()
    with install() as settings, redis_server() as redis, ExitStack() as stack:
        ports = {}
        for kind, store in (("off", "off"), ("postgres", "postgres"), ("redis", redis)):
            changes = {**NEVER_REFUSES, "rate_limits": store, "api_port": free_port(), "public_url": settings.api_url}
            here = settings.model_copy(update=changes)
            if store != "off":
                counting(here)
            ports[kind] = stack.enter_context(
                served(here, here.api_port, "/health/ready", "--factory", "api.app:create_app")
            )
        learners = asyncio.run(_fill(settings))
        over_http(ports, learners[0], rounds=7 if quick else 15, seconds=1 if quick else 2)


if __name__ == "__main__":
    main()

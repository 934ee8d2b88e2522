"""GET /course-analytics of the demo company's largest course over HTTP, each choice of learners for the first time and
again, beside reading that course's facts out of the lake and doing nothing with them.

python -m tests.bench.courses [--quick]
"""

import asyncio
import itertools
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx

from api.core import lake
from api.core.settings import Settings
from api.reports.course_queries import LOAD, OF_COURSE
from data import demo
from pipelines.dbt_runner import build
from pipelines.lake.export import export_events
from tests.bench.place import install, line, machine, served
from tests.processes import token_of


def _timed(work: Callable[[], Any]) -> float:
    """In ms."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


def _choices(detail: dict[str, Any]) -> list[dict[str, str]]:
    """Units by countries by months, each with everybody, in every version."""
    offered = [[None, *(one["key"] for one in detail["options"][name])] for name in ("unit", "country", "cohort")]
    versions = [None, *(str(one["number"]) for one in detail["versions"])]
    names = ("version", "unit", "country", "cohort")
    return [
        {name: key for name, key in zip(names, keys, strict=True) if key}
        for keys in itertools.product(versions, *offered)
        if sum(key is not None for key in keys) < 3
    ]


def _limit(settings: Settings, course_id: str, rounds: int) -> float:
    times = []
    with lake.connect(settings, read_only=True) as duck:
        for _ in range(rounds + 1):
            times.append(_timed(lambda: [duck.execute(one, _asked(one, course_id)) for one in LOAD]))
            for table in OF_COURSE:
                duck.execute(f"drop table {table}")
    return statistics.median(times[1:])


def _asked(statement: str, course_id: str) -> dict[str, str]:
    return {"course_id": course_id} if "$course_id" in statement else {}


def main() -> None:
    quick = "--quick" in sys.argv
    machine()
    with install() as settings:
        asyncio.run(demo.load(settings))
        export_events(settings)
        for _ in build(settings, "--quiet", "--exclude-resource-type", "test", "unit_test"):
            pass
        email = next(one.email for one in demo.sign_ins(settings) if one.role == "creator")
        headers = {"Authorization": f"Bearer {token_of(settings, email, 'creator')}"}
        with served(settings, settings.api_port, "/health/ready", "--factory", "api.app:create_app") as port:
            client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60)
            course_id = client.get("/course-analytics").json()["courses"][0]["course"]["id"]

            def ask(choice: dict[str, str]) -> dict[str, Any]:
                answer = client.get("/course-analytics", params={"course_id": course_id, **choice})
                return dict(answer.raise_for_status().json()["detail"])

            choices = _choices(ask({}))[: 40 if quick else 200]
            limit = _limit(settings, course_id, 5 if quick else 20)
            for name in ("for the first time", "again"):
                times = [_timed(lambda choice=choice: ask(choice)) for choice in choices[1:]]  # type: ignore[misc]
                figure = f"p50 {statistics.median(times):.0f}  p95 {_p95(times):.0f} ms"
                ratio = statistics.median(times) / limit
                line(f"/course-analytics, {len(times)} choices {name}", figure, f"its facts read {limit:.0f} ms", ratio)


if __name__ == "__main__":
    main()

"""HR ingest of 100,000 people: rows a second, beside a bare COPY of the same rows.

python -m tests.bench.hr [--quick]
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from api.core.settings import Settings
from pipelines.hr.ingest import ingest
from tests.bench.place import install, line, machine

HEADER = (
    "employee_number,name,email,job_title,org_unit_code,org_unit_name,org_unit_parent_code,"
    "manager_number,location,country,cost_center,started_on,ended_on\n"
)


def _people(count: int, title: str) -> Iterator[str]:
    """Everybody has eight direct reports; each hundredth person has the given title."""
    for n in range(count):
        manager = "" if n == 0 else (n - 1) // 8
        job = title if n % 100 == 7 else "Engineer"
        unit = f"u{n % 200},Unit {n % 200},"
        yield f"{n},Person {n} Name,p{n}@big.example,{job},{unit},{manager},Berlin,DE,cc{n % 50},2020-01-01,\n"


def _drop(folder: Path, day: str, content: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"people-{day}.csv"
    path.write_text(HEADER + content)
    os.utime(path, (time.time() - 60,) * 2)


def _timed(settings: Settings) -> float:
    began = time.perf_counter()
    outcome = ingest(settings, "demo")
    assert outcome is not None
    assert outcome.status == "applied", outcome
    return time.perf_counter() - began


async def _copy(url: str, content: str) -> float:
    connection = await asyncpg.connect(url)
    columns = ", ".join(f"c{n} text" for n in range(13))
    await connection.execute(f"create table bench_copy ({columns})")
    rows = [tuple(row.split(",")) for row in content.splitlines()]
    began = time.perf_counter()
    await connection.copy_records_to_table("bench_copy", records=rows)
    seconds = time.perf_counter() - began
    await connection.close()
    return seconds


def main() -> None:
    count = 10_000 if "--quick" in sys.argv else 100_000
    machine()
    with install() as settings:
        folder = settings.hr_dir / "demo"
        first, changed = "".join(_people(count, "Engineer")), "".join(_people(count, "Senior engineer"))
        limit = count / asyncio.run(_copy(settings.database_url, first))
        cases = [("first load", "01", first), ("1 % changed", "02", changed), ("nothing changed", "03", changed + "\n")]
        for name, day, content in cases:
            _drop(folder, f"2026-01-{day}", content)
            seconds = _timed(settings)
            rate = count / seconds
            line(
                f"HR ingest, {count:,} people, {name}",
                f"{rate:,.0f} rows/s ({seconds:.1f} s)",
                f"COPY {limit:,.0f} rows/s",
                rate / limit,
            )


if __name__ == "__main__":
    main()

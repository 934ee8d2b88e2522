"""dbt over 10 million events, full and after 100,000 more, beside plain DuckDB over the same rows.

python -m tests.bench.models [--quick]
"""

import sys
import time

import duckdb

from api.core import lake
from api.core.settings import Settings
from pipelines.dbt_runner import build
from pipelines.lake.export import export_events
from tests.bench.place import install, line, machine

PEOPLE, COURSES, MODULES = 20_000, 200, 5

EVENTS = """
insert into lake.core.event
select
    uuid()::varchar, 'engagement.video_played', null, 'p' || (n % {people}),
    '{{"enrollment_id": "e' || (n % {people}) || '", "course_id": "c' || (n % {courses}) || '", "version_id": "v'
        || (n % {courses}) || '", "module_id": "m' || (n % ({courses} * {modules})) || '", "from_s": ' || (n % 40) * 15
        || ', "to_s": ' || (n % 40) * 15 + 15 || ', "rate": 1}}',
    timestamptz '2026-01-01' + to_seconds(n % 28000000), now(), {xid}
from range({first}, {last}) as numbers (n)
"""

PLAIN = """
create or replace temp table plain as
select subject_id, payload ->> 'module_id' as module_id, occurred_at::date as day, count(*) as event_count,
    sum((payload ->> 'to_s')::double - (payload ->> 'from_s')::double) as watched_s
from lake.core.event where type like 'engagement.%' group by all
"""


def _add(settings: Settings, first: int, last: int, xid: int) -> None:
    """Straight into the lake, as one export would have: writing them to Postgres first is not what is measured."""
    with lake.connect(settings) as duck:
        duck.begin()
        places = {"people": PEOPLE, "courses": COURSES, "modules": MODULES, "first": first, "last": last, "xid": xid}
        duck.execute(EVENTS.format(**places))
        duck.execute("update lake.core.watermark set xid = ? where name = 'event'", [xid + 1])
        duck.commit()


def _built(settings: Settings) -> float:
    began = time.perf_counter()
    # Without the data tests: the people and modules of made-up events are in no table.
    for _ in build(settings, "--quiet", "--exclude-resource-type", "test", "unit_test"):
        pass
    return time.perf_counter() - began


def _plain(settings: Settings) -> float:
    with lake.connect(settings, read_only=True) as duck:
        began = time.perf_counter()
        duck.execute(PLAIN)
        return time.perf_counter() - began


def _check(settings: Settings, count: int) -> None:
    """A build that counted nothing would be fast."""
    with lake.connect(settings, read_only=True) as duck:
        counted = duck.execute("select sum(event_count) from lake.marts.fct_engagement_daily").fetchone()
    assert counted == (count,), counted


def main() -> None:
    count = 1_000_000 if "--quick" in sys.argv else 10_000_000
    machine()
    print(f"duckdb {duckdb.__version__}")
    with install() as settings:
        export_events(settings)
        _built(settings)
        _add(settings, 0, count, 1000)
        limit = _plain(settings)
        full = _built(settings)
        line(
            f"dbt build, {count:,} new events", f"{full:.1f} s", f"plain DuckDB, one model {limit:.1f} s", full / limit
        )
        _add(settings, count, count + 100_000, 2000)
        more = _built(settings)
        _check(settings, count + 100_000)
        line("dbt build, 100,000 events more", f"{more:.1f} s", f"the build before {full:.1f} s", more / full)
        idle = _built(settings)
        line("dbt build, nothing new", f"{idle:.1f} s", f"the build before {more:.1f} s", idle / more)


if __name__ == "__main__":
    main()

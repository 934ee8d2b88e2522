"""The nightly upkeep changes files, never facts."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest

from api.core import lake
from api.core.settings import Settings
from pipelines.lake.export import export_events
from pipelines.lake.maintenance import KEEP_SNAPSHOTS, maintain

INSERT = (
    "insert into event (id, type, subject_id, payload, occurred_at)"
    " select uuidv7(), 'learning.enrolled', uuidv7(), '{}', now() from generate_series(1, %s)"
)


def export_some(settings: Settings, rows: int) -> None:
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(INSERT, (rows,))
    export_events(settings)


def facts(settings: Settings) -> list[tuple[object, ...]]:
    with lake.connect(settings, read_only=True) as duck:
        return duck.execute("select * from lake.core.event order by id").fetchall()


def files(settings: Settings) -> set[Path]:
    return set(settings.lake_dir.rglob("*.parquet"))


def snapshots(settings: Settings) -> int:
    with lake.connect(settings, read_only=True) as duck:
        row = duck.execute("select count(*) from ducklake_snapshots('lake')").fetchone()
        return int(row[0]) if row else 0


@pytest.fixture
def used_lake(settings: Settings) -> Settings:
    """Three large commits, which are files, and two small ones, which stay in the catalog."""
    for rows in (2000, 2000, 2000, 5, 5):
        export_some(settings, rows)
    return settings


def test_upkeep_merges_files_and_keeps_every_fact(used_lake: Settings) -> None:
    before = facts(used_lake)
    counts = maintain(used_lake)
    assert counts["flushed"] >= 1, "small commits leave the catalog"
    assert counts["merged"] >= 1
    assert facts(used_lake) == before
    maintain(used_lake, now=datetime.now(UTC) + KEEP_SNAPSHOTS + timedelta(days=2))
    assert facts(used_lake) == before
    assert len(files(used_lake)) <= 3, "one file for the events, and at most two of the watermark"
    assert snapshots(used_lake) <= 2


def test_upkeep_sweeps_what_a_killed_writer_left(used_lake: Settings) -> None:
    orphan = next(iter(files(used_lake) or {used_lake.lake_dir / "core" / "event" / "x.parquet"})).with_name(
        "orphan.parquet"
    )
    orphan.write_bytes(b"half a file")
    maintain(used_lake)
    assert orphan.exists(), "a writer may still be at work on a young file"
    maintain(used_lake, now=datetime.now(UTC) + timedelta(days=2))
    assert not orphan.exists()


def test_upkeep_makes_the_partitions_of_the_coming_months(settings: Settings) -> None:
    export_some(settings, 1)
    far = datetime(date.today().year + 2, 1, 15, tzinfo=UTC)  # noqa: DTZ011  (any day two years ahead)
    assert maintain(settings, now=far)["partitions"] == 4
    assert maintain(settings, now=far)["partitions"] == 0

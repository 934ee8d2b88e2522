"""The lake's nightly upkeep: few, large files; old snapshots go; partitions for the coming months exist."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from api.core import lake
from api.core.db import make_engine, make_sessions
from api.core.events import ensure_partitions
from api.core.settings import Settings
from pipelines.lake.export import EXPORT_LOCK, exclusive

KEEP_SNAPSHOTS = timedelta(days=30)
"""How long a report can be read again exactly as it was."""

KEEP_FILES = timedelta(days=1)
"""How long a file outlives its snapshot: longer than any reader holds on to one."""

PARTITIONS_AHEAD = timedelta(days=92)

STEPS = {
    "flushed": "call ducklake_flush_inlined_data('lake')",
    "expired": "call ducklake_expire_snapshots('lake', older_than => ?::timestamptz)",
    "rewritten": "call ducklake_rewrite_data_files('lake')",
    "merged": "call ducklake_merge_adjacent_files('lake')",
    "cleaned": "call ducklake_cleanup_old_files('lake', older_than => ?::timestamptz)",
    "orphans": "call ducklake_delete_orphaned_files('lake', older_than => ?::timestamptz)",
}


def maintain(settings: Settings, *, now: datetime | None = None) -> Mapping[str, int]:
    """Everything once, in the order in which each step makes work for the next; returns rows that each reports."""
    now = now or datetime.now(UTC)
    moments = {"expired": now - KEEP_SNAPSHOTS, "cleaned": now - KEEP_FILES, "orphans": now - KEEP_FILES}
    counts = {"partitions": asyncio.run(_make_partitions(settings, now.date()))}
    with exclusive(settings, EXPORT_LOCK), lake.connect(settings) as duck:
        for name, statement in STEPS.items():
            counts[name] = len(duck.execute(statement, [moments[name]] if name in moments else []).fetchall())
    return counts


async def _make_partitions(settings: Settings, today: date) -> int:
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        async with make_sessions(engine)() as session, session.begin():
            return await ensure_partitions(session, today, today + PARTITIONS_AHEAD)
    finally:
        await engine.dispose()

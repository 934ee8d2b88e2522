"""The lake's asset and its upkeep, as Dagster sees them."""

import dagster as dg

from api.core.settings import Settings
from pipelines.lake.export import export_events

EVENTS = dg.AssetKey(["lake", "events"])

POOL = "lake"
"""Whoever writes to the lake waits here: a writer of every second would starve a long one."""


@dg.asset(key=EVENTS, group_name="lake", pool=POOL, kinds={"postgres", "ducklake"})
def lake_events(settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult[None]:
    """Every fact recorded in Postgres, exactly once, as Parquet in DuckLake (`lake.core.event`)."""
    exported = export_events(settings)
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": exported.rows,
            "from_xid": exported.from_xid,
            "to_xid": exported.to_xid,
        }
    )


@dg.op(pool=POOL)
def tidy_lake(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Merges small files, drops snapshots older than 30 days and makes the coming months' partitions."""
    from pipelines.lake.maintenance import maintain  # noqa: PLC0415  (SQLAlchemy, which the export doesn't need)

    context.log.info("Lake: %s", dict(maintain(settings)))


@dg.job(executor_def=dg.in_process_executor)
def nightly_maintenance() -> None:
    """Keeps the lake small and fast."""
    tidy_lake()

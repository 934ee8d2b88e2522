"""When what runs: each minute, each quarter of an hour, each night, and once at the first start."""

import dagster as dg

from api.core.settings import Settings
from pipelines.hr.assets import EMPLOYEES
from pipelines.lake.assets import EVENTS, nightly_maintenance
from pipelines.lake.export import has_new_events

MARTS = dg.AssetSelection.groups("staging", "marts")
RUNNING = dg.DefaultScheduleStatus.RUNNING

export_events = dg.define_asset_job(
    "export_events",
    selection=dg.AssetSelection.assets(EVENTS),
    executor_def=dg.in_process_executor,
    description="Copy new events to the lake.",
)
build_marts = dg.define_asset_job(
    "build_marts", selection=MARTS, executor_def=dg.in_process_executor, description="Build and test all models."
)
first_pass = dg.define_asset_job(
    "first_pass",
    selection=(dg.AssetSelection.assets(EVENTS) | MARTS).without_checks(),
    executor_def=dg.in_process_executor,
    description="Events to the lake, then all models: what a new install shows first. The next build checks them.",
)


@dg.asset_sensor(asset_key=EMPLOYEES, job=build_marts, default_status=dg.DefaultSensorStatus.RUNNING)
def people_changed(context: dg.SensorEvaluationContext, asset_event: dg.EventLogEntry) -> dg.RunRequest:
    """An applied HR file changes teams and obligations: don't wait for the next quarter of an hour."""
    return dg.RunRequest(run_key=context.cursor)


@dg.schedule(job=export_events, cron_schedule="* * * * *", default_status=RUNNING)
def export_each_minute(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    """A run costs seconds of imports, asking costs a millisecond: a quiet platform starts none."""
    exported_to = _exported_to(context.instance)
    if exported_to is not None and not has_new_events(settings, exported_to):
        return dg.SkipReason("No new events.")
    return dg.RunRequest()


def _exported_to(instance: dg.DagsterInstance) -> int | None:
    event = instance.get_latest_materialization_event(EVENTS)
    metadata = event.asset_materialization.metadata if event and event.asset_materialization else {}
    value = metadata["to_xid"].value if "to_xid" in metadata else None
    return value if isinstance(value, int) else None


build_each_quarter = dg.ScheduleDefinition(job=build_marts, cron_schedule="*/15 * * * *", default_status=RUNNING)
tidy_each_night = dg.ScheduleDefinition(job=nightly_maintenance, cron_schedule="30 2 * * *", default_status=RUNNING)

"""When what runs: each minute, each quarter of an hour, each night, and once at the first start."""

import dagster as dg

from pipelines.lake.assets import EVENTS, nightly_maintenance

MARTS = dg.AssetSelection.groups("staging", "marts")
EMPLOYEES = dg.AssetKey(["hr", "employees"])
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
    selection=dg.AssetSelection.assets(EVENTS) | MARTS,
    executor_def=dg.in_process_executor,
    description="Events to the lake, then all models: what a new install shows first.",
)


@dg.asset_sensor(asset_key=EMPLOYEES, job=build_marts, default_status=dg.DefaultSensorStatus.RUNNING)
def people_changed(context: dg.SensorEvaluationContext, asset_event: dg.EventLogEntry) -> dg.RunRequest:
    """An applied HR file changes teams and obligations: don't wait for the next quarter of an hour."""
    return dg.RunRequest(run_key=context.cursor)


export_each_minute = dg.ScheduleDefinition(job=export_events, cron_schedule="* * * * *", default_status=RUNNING)
build_each_quarter = dg.ScheduleDefinition(job=build_marts, cron_schedule="*/15 * * * *", default_status=RUNNING)
tidy_each_night = dg.ScheduleDefinition(job=nightly_maintenance, cron_schedule="30 2 * * *", default_status=RUNNING)

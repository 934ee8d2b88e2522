"""Everything that Dagster runs."""

import dagster as dg

from api.core.settings import Settings
from pipelines import dbt_runner
from pipelines.audit import prove_audit_log, prove_each_night
from pipelines.dbt import models
from pipelines.hr.assets import employees, hr_file_arrived, hr_system_due, import_each_night, import_people
from pipelines.hr.write_back.assets import hr_records_due, records, send_records
from pipelines.jobs import (
    build_each_quarter,
    build_marts,
    export_each_minute,
    export_events,
    first_pass,
    people_changed,
    tidy_each_night,
)
from pipelines.lake.assets import lake_events, nightly_maintenance


@dg.resource(description="Where this install keeps its state, from the environment.")
def settings(_: dg.InitResourceContext) -> Settings:
    return Settings()


@dg.definitions
def defs() -> dg.Definitions:
    """Loaded when Dagster asks, not at import; parses the dbt project only if a file of it has changed."""
    return dg.Definitions(
        assets=[employees, records, lake_events, models(dbt_runner.manifest(Settings()))],
        jobs=[import_people, send_records, export_events, build_marts, first_pass, nightly_maintenance, prove_audit_log],
        schedules=[import_each_night, export_each_minute, build_each_quarter, tidy_each_night, prove_each_night],
        sensors=[hr_records_due, hr_file_arrived, hr_system_due, people_changed],
        resources={"settings": settings},
    )

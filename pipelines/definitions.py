"""Everything that Dagster runs."""

import dagster as dg

from api.core.settings import Settings
from pipelines import dbt_runner
from pipelines.audit import prove_audit_log, prove_each_night
from pipelines.dbt import models
from pipelines.hr.assets import employees, hr_file_arrived, hr_system_due, import_each_night, import_people
from pipelines.hr.watch import check_sources, hr_import_approved, hr_sources_changed, sources_stand_well
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
from pipelines.schedules import reports_due, send_reports


@dg.resource(description="Where this install keeps its state, from the environment.")
def settings(_: dg.InitResourceContext) -> Settings:
    return Settings()


@dg.definitions
def defs() -> dg.Definitions:
    """Loaded when Dagster asks, not at import; parses the dbt project only if a file of it has changed."""
    return dg.Definitions(
        assets=[employees, records, lake_events, models(dbt_runner.manifest(Settings()))],
        asset_checks=[sources_stand_well],
        jobs=[
            *(import_people, check_sources, send_records, export_events),
            *(build_marts, first_pass, nightly_maintenance, prove_audit_log, send_reports),
        ],
        schedules=[import_each_night, export_each_minute, build_each_quarter, tidy_each_night, prove_each_night],
        sensors=[
            *(hr_file_arrived, hr_system_due, hr_import_approved),
            *(hr_sources_changed, hr_records_due, people_changed, reports_due),
        ],
        resources={"settings": settings},
    )

"""`hr/write_back` in Dagster: each minute, for the sources whose mapping names a way back."""

import dagster as dg

from api.core.settings import Settings
from pipelines.hr.connectors.base import Unreachable
from pipelines.hr.ingest import sources
from pipelines.hr.mapping import MappingError
from pipelines.hr.write_back.run import sink_of, write_back

WRITE_BACK = dg.AssetKey(["hr", "write_back"])


@dg.asset(
    key=WRITE_BACK,
    group_name="hr",
    required_resource_keys={"settings"},
    check_specs=[
        dg.AssetCheckSpec("nothing_is_refused", asset=WRITE_BACK, description="No HR system refused a record."),
        dg.AssetCheckSpec("systems_answer", asset=WRITE_BACK, description="Each HR system took what was due."),
    ],
)
def records(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Completions with hours, certificates with their end and revocations, as each HR system takes them."""
    settings: Settings = context.resources.settings
    told: dict[str, dict[str, int]] = {}
    problems: dict[str, str] = {}
    for source in sources(settings):
        try:
            if (counts := write_back(settings, source)) is not None:
                told[source] = counts
        except (MappingError, Unreachable) as error:
            problems[source] = str(error)
    metadata = {f"{source}/{name}": n for source, counts in told.items() for name, n in counts.items()}
    refused = {source: counts["refused"] for source, counts in told.items() if counts.get("refused")}
    waiting = {source: counts["waiting"] for source, counts in told.items() if counts.get("waiting")}
    return dg.MaterializeResult(
        metadata={**metadata, **{f"{source}/problem": problem for source, problem in problems.items()}},
        check_results=[
            dg.AssetCheckResult(check_name="nothing_is_refused", passed=not refused, metadata=dict(refused)),
            dg.AssetCheckResult(
                check_name="systems_answer", passed=not waiting and not problems, metadata={**waiting, **problems}
            ),
        ],
    )


send_records = dg.define_asset_job(
    "send_hr_records",
    selection=dg.AssetSelection.assets(WRITE_BACK),
    executor_def=dg.in_process_executor,
    description="Send what is due to the HR systems.",
)


@dg.sensor(job=send_records, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def hr_records_due(context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]) -> dg.SensorResult:
    """A run a minute, only where some mapping names a way back."""
    for source in sources(settings):
        try:
            if sink_of(settings, source) is not None:
                return dg.SensorResult(run_requests=[dg.RunRequest()])
        except MappingError as error:
            context.log.warning(str(error))
    return dg.SensorResult(run_requests=[])

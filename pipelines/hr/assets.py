"""`hr/employees` in Dagster: each night, and as soon as a file has arrived."""

import dagster as dg

from api.core.origin import as_process
from api.core.settings import Settings
from api.people.service import ImportOutcome
from pipelines.hr.ingest import ingest, pending, sources, summary
from pipelines.hr.mapping import MappingError

EMPLOYEES = dg.AssetKey(["hr", "employees"])


class Employees(dg.Config):
    """Which drop folders to read; none named means all of them."""

    sources: list[str] = []  # noqa: RUF012 (pydantic copies it)


@dg.asset(
    key=EMPLOYEES,
    group_name="hr",
    required_resource_keys={"settings"},
    check_specs=[
        dg.AssetCheckSpec("every_file_is_applied", asset=EMPLOYEES, description="No file is rejected or waits."),
        dg.AssetCheckSpec("few_lines_are_refused", asset=EMPLOYEES, description="At most 1 % of the lines."),
    ],
)
def employees(context: dg.AssetExecutionContext, config: Employees) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Persons, employments, org units and managers as the newest HR file of each source has them."""
    settings: Settings = context.resources.settings
    outcomes: dict[str, ImportOutcome] = {}
    problems: dict[str, str] = {}
    for source in config.sources or sources(settings):
        try:
            with as_process("praxis-pipelines"):
                outcome = ingest(settings, source)
        except MappingError as error:
            problems[source] = str(error)
            continue
        if outcome is None:
            context.log.info(f"{source}: no whole file is there")
            continue
        outcomes[source] = outcome
        context.log.info(f"{source}: {summary(outcome)}")
        if outcome.status != "applied":
            problems[source] = f"{outcome.status}: {outcome.reason} (praxis hr list; import {outcome.import_id})"
    if problems and not any(outcome.status == "applied" for outcome in outcomes.values()):
        raise dg.Failure("; ".join(f"{source}: {problem}" for source, problem in problems.items()))
    return _result(outcomes, problems)


def _result(outcomes: dict[str, ImportOutcome], problems: dict[str, str]) -> dg.MaterializeResult:  # type: ignore[type-arg]
    counts = {f"{source}/{name}": n for source, outcome in outcomes.items() for name, n in outcome.counts.items()}
    refused = sum(outcome.counts.get("refused", 0) for outcome in outcomes.values())
    lines = sum(sum(outcome.counts.values()) for outcome in outcomes.values())
    return dg.MaterializeResult(
        metadata={**counts, **{f"{source}/problem": problem for source, problem in problems.items()}},
        check_results=[
            dg.AssetCheckResult(check_name="every_file_is_applied", passed=not problems, metadata=dict(problems)),
            dg.AssetCheckResult(
                check_name="few_lines_are_refused",
                passed=refused <= 0.01 * lines,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"refused": refused, "lines": lines},
            ),
        ],
    )


import_people = dg.define_asset_job(
    "import_people",
    selection=dg.AssetSelection.assets(EMPLOYEES),
    executor_def=dg.in_process_executor,
    description="Apply the newest HR files.",
)

import_each_night = dg.ScheduleDefinition(
    job=import_people,
    cron_schedule="0 1 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)


@dg.sensor(
    job=import_people,
    minimum_interval_seconds=20,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def hr_file_arrived(context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]) -> dg.SensorResult:
    """One run for each new content of a source's files, once they are whole and quiet."""
    requests = []
    for source in sources(settings):
        try:
            drop = pending(settings, source)
        except MappingError as error:
            context.log.warning(str(error))
            continue
        if drop:
            config = dg.RunConfig(ops={EMPLOYEES.to_python_identifier(): Employees(sources=[source])})
            requests.append(dg.RunRequest(run_key=f"{source}:{drop.content_hash}", run_config=config))
    return dg.SensorResult(run_requests=requests)

"""How the sources stand, said by Dagster's checks and to the data team; and what they approved, applied."""

import dagster as dg

from api.core.settings import Settings
from api.notifications.service import notify_data_team
from api.people.service import SourceStatus, approved_imports, hr_sources, waiting_imports
from pipelines.hr import held
from pipelines.hr.assets import EMPLOYEES, Employees, import_people
from pipelines.hr.ingest import in_transaction

CHECKS = {
    "waits": "No delivery waits for a decision.",
    "rejected": "No source's newest delivery was unusable.",
    "stuck": "What was approved is applied.",
    "silent": "Every source answers.",
    "stale": "Every source was applied within 26 hours.",
    "kept_out": "At most 1 % of the rows are kept out.",
}
"""By the kind of problem that fails it; api.people.hr_status decides."""

WARNINGS = {"kept_out"}


@dg.multi_asset_check(
    name="hr_sources",
    specs=[dg.AssetCheckSpec(_name, asset=EMPLOYEES, description=_says) for _name, _says in CHECKS.items()],
    required_resource_keys={"settings"},
)
def sources_stand_well(context: dg.AssetCheckExecutionContext):  # type: ignore[no-untyped-def]
    """The same as the page of the data team, who are told of what is new."""
    settings: Settings = context.resources.settings
    found = in_transaction(settings, hr_sources)
    told = in_transaction(settings, notify_data_team)
    context.log.info(f"{told} notices are new")
    for name in CHECKS:
        says = {one.source: p.says for one in found for p in one.problems if p.kind == name}
        severity = dg.AssetCheckSeverity.WARN if name in WARNINGS else dg.AssetCheckSeverity.ERROR
        yield dg.AssetCheckResult(check_name=name, passed=not says, severity=severity, metadata=says)


check_sources = dg.define_asset_job(
    "check_hr_sources",
    selection=dg.AssetSelection.checks(sources_stand_well),
    executor_def=dg.in_process_executor,
    description="Freshness, breaker, quarantine: checks, and notices to the data team.",
)


@dg.sensor(job=check_sources, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def hr_sources_changed(context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]) -> dg.SensorResult:
    """A run costs seconds, asking costs milliseconds: only where the problems are others than the last time."""
    state = _state(in_transaction(settings, hr_sources))
    requests = [dg.RunRequest()] if state != context.cursor else []
    return dg.SensorResult(run_requests=requests, cursor=state)


def _state(found: list[SourceStatus]) -> str:
    return "; ".join(f"{one.source} {problem.kind} {problem.subject}" for one in found for problem in one.problems)


@dg.sensor(job=import_people, minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
def hr_import_approved(context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]) -> dg.SensorResult:
    """What somebody let pass is applied; what is decided on isn't kept any longer."""
    approved = in_transaction(settings, approved_imports)
    held.forget_all_but(settings, in_transaction(settings, waiting_imports))
    asset = EMPLOYEES.to_python_identifier()
    requests = [
        dg.RunRequest(
            run_key=f"approved:{one.id}:{one.decided_at}",
            run_config=dg.RunConfig(ops={asset: Employees(approved=[str(one.id)])}),
        )
        for one in approved
    ]
    return dg.SensorResult(run_requests=requests)

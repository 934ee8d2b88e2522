"""`hr/employees` in Dagster: each night, and as soon as a source has something new."""

import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial

import dagster as dg

from api.core.origin import as_process
from api.core.settings import Settings
from api.people.service import FRESH_FOR, ImportOutcome
from pipelines.hr.connectors.base import Unreachable
from pipelines.hr.held import DeliveryLost
from pipelines.hr.ingest import apply_approved, connected, ingest, sources, summary
from pipelines.hr.mapping import MappingError

EMPLOYEES = dg.AssetKey(["hr", "employees"])


class Employees(dg.Config):
    """Which sources to ask; none named means all of them."""

    sources: list[str] = []  # noqa: RUF012 (pydantic copies it)
    approved: list[str] = []  # noqa: RUF012
    """Imports that were held and let pass by somebody: these instead of the sources."""


@dg.asset(
    key=EMPLOYEES,
    group_name="hr",
    required_resource_keys={"settings"},
    retry_policy=dg.RetryPolicy(max_retries=3, delay=20, backoff=dg.Backoff.EXPONENTIAL),
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=FRESH_FOR),
)
def employees(context: dg.AssetExecutionContext, config: Employees) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Persons, employments, org units and managers as each source has them now."""
    settings: Settings = context.resources.settings
    outcomes: dict[str, ImportOutcome] = {}
    problems: dict[str, str] = {}
    for source, work in _work(settings, config):
        try:
            with as_process("praxis-pipelines"):
                outcome = work()
        except (MappingError, Unreachable, DeliveryLost) as error:
            problems[source] = str(error)
            continue
        if outcome is None:
            context.log.info(f"{source}: nothing whole is there, or nothing new")
            continue
        outcomes[source] = outcome
        context.log.info(f"{source}: {summary(outcome)}")
        if outcome.status != "applied":
            problems[source] = f"{outcome.status}: {outcome.reason} (praxis hr list; import {outcome.import_id})"
    if problems and not any(outcome.status == "applied" for outcome in outcomes.values()):
        what = "; ".join(f"{source}: {problem}" for source, problem in problems.items())
        raise dg.Failure(what, allow_retries=len(outcomes) < len(problems))
    return _result(outcomes, problems)


def _work(settings: Settings, config: Employees) -> Iterator[tuple[str, Callable[[], ImportOutcome | None]]]:
    if config.approved:
        for import_id in config.approved:
            yield f"import {import_id}", partial(apply_approved, settings, uuid.UUID(import_id))
        return
    for source in config.sources or sources(settings):
        yield source, partial(ingest, settings, source)


def _result(outcomes: dict[str, ImportOutcome], problems: dict[str, str]) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """What became of each source's people by kind; how the sources stand is for the checks of watch.py to say."""
    counts = {f"{source}/{name}": n for source, outcome in outcomes.items() for name, n in outcome.counts.items()}
    imports = {f"{source}/import": str(outcome.import_id) for source, outcome in outcomes.items()}
    told = {f"{source}/problem": problem for source, problem in problems.items()}
    return dg.MaterializeResult(metadata={**counts, **imports, **told})


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


@dg.sensor(job=import_people, minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.RUNNING)
def hr_file_arrived(context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]) -> dg.SensorResult:
    """One run for each new content of a folder on this machine, once its files are whole and quiet."""
    return dg.SensorResult(run_requests=list(_requests(context, settings, is_local=True)))


@dg.sensor(job=import_people, minimum_interval_seconds=15, default_status=dg.DefaultSensorStatus.RUNNING)
def hr_system_due(context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]) -> dg.SensorResult:
    """The same of other machines, apart, so that none of them keeps a file waiting that lies here.

    A system that shows nothing at a glance is asked every so many minutes, as its mapping says.
    """
    return dg.SensorResult(run_requests=list(_requests(context, settings, is_local=False)))


def _requests(context: dg.SensorEvaluationContext, settings: Settings, *, is_local: bool) -> Iterator[dg.RunRequest]:
    for source in sources(settings):
        try:
            asked = connected(settings, source)
            if getattr(asked, "is_local", False) != is_local:
                continue
            glance = getattr(asked, "glance", None)
            mark = glance() if glance else str(int(time.time() // (60 * asked.options.every_minutes)))
        except (MappingError, Unreachable) as error:
            context.log.warning(f"{source}: {error}")
            continue
        if mark:
            config = dg.RunConfig(ops={EMPLOYEES.to_python_identifier(): Employees(sources=[source])})
            yield dg.RunRequest(run_key=f"{source}:{mark}", run_config=config)

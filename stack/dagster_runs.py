"""Run as a process of its own, so that `up` never imports Dagster: the first pass, and runs that a kill left open."""

import sys

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

JOB = "first_pass"
GO = "go"
UNFINISHED = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]


def close_unfinished() -> int:
    """Fails the runs whose process is gone (nothing of ours runs now), or they would fill the queue for ever."""
    with DagsterInstance.get() as instance:
        runs = instance.get_runs(RunsFilter(statuses=UNFINISHED))
        for run in runs:
            instance.report_run_failed(run, "Praxis was stopped while this ran.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        return len(runs)


def first_pass() -> bool:
    """Loads the definitions at once, begins at the word on standard input: the data may still be on its way."""
    from pipelines.definitions import defs  # noqa: PLC0415  (seconds of imports that closing runs doesn't need)

    job = defs().resolve_job_def(JOB)
    with DagsterInstance.get() as instance:
        return (
            sys.stdin.readline().strip() == GO
            and job.execute_in_process(instance=instance, raise_on_error=False).success
        )


def main(what: str) -> int:
    if what == JOB:
        return 0 if first_pass() else 1
    close_unfinished()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

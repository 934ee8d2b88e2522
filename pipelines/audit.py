"""The audit log proven each night, so that a day at most is without a signed head."""

import asyncio

import dagster as dg

from api.core.settings import Settings


@dg.op
def prove(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Fails, naming what was changed; otherwise adds a head to the file that somebody copies elsewhere."""
    from api.identity.audit_chain import verify  # noqa: PLC0415  (SQLAlchemy, which most runs don't need)

    verdict = asyncio.run(verify(settings))
    if verdict.broken:
        raise dg.Failure("; ".join(broken.what for broken in verdict.broken), allow_retries=False)
    head = verdict.head.hash.hex() if verdict.head else "none yet"
    context.log.info(f"{verdict.entries:,} entries, head {head}, {verdict.heads} heads of before fit")


@dg.job(executor_def=dg.in_process_executor)
def prove_audit_log() -> None:
    """Every entry is as it was written; docs/audit.md says what that proves."""
    prove()


prove_each_night = dg.ScheduleDefinition(
    job=prove_audit_log, cron_schedule="15 2 * * *", default_status=dg.DefaultScheduleStatus.RUNNING
)

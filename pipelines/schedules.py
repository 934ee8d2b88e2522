"""Scheduled reports: a run as soon as one is due or made, and the ways to the targets of report-targets.yml."""

import asyncio
import time
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import ValidationError

from api.core.db import make_engine, make_sessions
from api.core.origin import as_process
from api.core.settings import Settings
from api.reports.service import Target, Undelivered, is_due, run_round
from pipelines.hr.connectors.base import Unreachable
from pipelines.hr.connectors.stores import S3Options, SftpOptions, s3_store, sftp_store
from pipelines.hr.ingest import in_transaction

KINDS: dict[str, Any] = {"sftp": (SftpOptions, sftp_store), "s3": (S3Options, s3_store)}
PATIENCE_S = 40.0
"""A run waits so long for the files that it ordered: most are made by then, and a second run costs seconds."""

LOOK_S = 1.0
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def drop(settings: Settings, target: Target, path: Path, name: str) -> None:
    """Whole or not at all, under a name that a second attempt overwrites."""
    kind = str(target.options.get("kind"))
    if kind not in KINDS:
        raise Undelivered(f"report-targets.yml, {target.name}: kind is sftp or s3.")
    model, store = KINDS[kind]
    try:
        options = model.model_validate(target.options, context={"secrets": settings.home / "secrets"})
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise Undelivered(f"report-targets.yml, {target.name}: {said}") from None
    try:
        with store(options) as fs:
            _put(fs, options, path, name)
    except Unreachable as error:
        raise Undelivered(str(error)) from error


def _put(fs: Any, options: Any, path: Path, name: str) -> None:
    """An object of a bucket is there once it is whole; a file on a server gets its name then."""
    if options.kind == "s3":
        fs.put_file(str(path), "/".join(filter(None, (options.bucket, options.prefix.strip("/"), name))))
        return
    folder = options.folder.rstrip("/")
    fs.makedirs(folder or "/", exist_ok=True)
    fs.put_file(str(path), f"{folder}/.{name}.part")
    fs.ftp.posix_rename(f"{folder}/.{name}.part", f"{folder}/{name}")


async def rounds(settings: Settings) -> dict[str, int]:
    """One round, and others while files that it ordered are still made."""
    engine = make_engine(settings.database_url, pool_size=4)
    sessions = make_sessions(engine)
    did: dict[str, int] = {}
    until = time.monotonic() + PATIENCE_S
    try:
        while True:
            new = await run_round(settings, engine, sessions, lambda *told: drop(settings, *told))
            did = {name: did.get(name, 0) + new.get(name, 0) for name in {*did, *new}}
            ended = sum(did.get(name, 0) for name in ("sent", "unwanted", "again", "failed"))
            if did.get("ordered", 0) <= ended or time.monotonic() > until:
                return did
            await asyncio.sleep(LOOK_S)
    finally:
        await engine.dispose()


@dg.op
def send(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Fails where a report was given up; its owner is told by Praxis too."""
    with as_process("praxis-schedules"):
        did = asyncio.run(rounds(settings))
    context.add_output_metadata(dict(did))
    context.log.info(", ".join(f"{name} {n}" for name, n in did.items()) or "nothing was due")
    if did.get("failed"):
        raise dg.Failure(f"{did['failed']} given up: their owners' pages say why", allow_retries=False)


@dg.job(executor_def=dg.in_process_executor)
def send_reports() -> None:
    """Scheduled reports that are due: ordered, and sent once they are made."""
    send()


@dg.sensor(job=send_reports, minimum_interval_seconds=15, default_status=dg.DefaultSensorStatus.RUNNING)
def reports_due(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    """A run costs seconds, asking costs milliseconds."""
    if not in_transaction(settings, is_due):
        return dg.SkipReason("Nothing is due.")
    if context.instance.get_runs_count(dg.RunsFilter(job_name=send_reports.name, statuses=UNFINISHED)):
        return dg.SkipReason("The run before is at it.")
    return dg.RunRequest()

"""The job that makes a report's file: what the asker may see now, of one snapshot, written by a process of its own."""

import asyncio
import json
import sys
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import update

from api.core.errors import ProblemError
from api.core.jobs import Context
from api.identity.access import acting
from api.identity.audit import record
from api.identity.rules import Principal
from api.media.programs import GB, Limits, run
from api.media.storage import put_file, remove
from api.media.workplaces import workplace
from api.reports.material import Material, gather
from api.reports.models import ReportRun
from api.reports.questions import ReportQuestion
from api.reports.runs import UNFINISHED, file_key

log = structlog.get_logger()

LOOK_S = 0.5
LIMITS = Limits(cpu_s=3600, memory_bytes=8 * GB, file_bytes=20 * GB, nice=5)
TIMEOUT_S = 3600


class Cancelled(Exception):
    """By the asker."""


class NotMade(ProblemError):
    status = 422
    title = "The report can't be made"


@dataclass
class News:
    """What the process that writes has told so far."""

    rows_total: int | None = None
    rows_done: int = 0
    expected_s: float | None = None
    made: dict[str, Any] | None = None
    refused: str | None = None
    peak_mb: int | None = None
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def hear(self, line: str) -> None:
        for name, told in json.loads(line).items():
            setattr(self, name, told)

    def progress(self, started_at: datetime) -> dict[str, Any]:
        """Columns of the run. How long it takes: as told, else by how fast rows were written so far."""
        expected = self.expected_s and (self.began - started_at).total_seconds() + self.expected_s
        if expected is None and self.rows_done and self.rows_total:
            now = datetime.now(UTC)
            ahead = (now - self.began).total_seconds() * (self.rows_total / self.rows_done - 1)
            expected = (now - started_at).total_seconds() + ahead
        return {"rows_total": self.rows_total, "rows_done": self.rows_done, "expected_s": expected}


async def make(context: Context, run_id: uuid.UUID) -> None:
    """Does nothing for a run that is cancelled or done; a second attempt is of the same snapshot as the first."""
    async with context.sessions.begin() as session:
        started = {"state": "running", "started_at": datetime.now(UTC), "rows_done": 0, "expected_s": None}
        report = await session.scalar(_unfinished(run_id).values(started).returning(ReportRun))
    if report is None:
        return
    try:
        async with workplace(context.settings.workplaces_dir, "report") as folder:
            await _make(context, report, folder)
    except ProblemError as problem:
        await fail(context, run_id, problem.detail)
    except Cancelled:
        return


async def fail(context: Context, run_id: uuid.UUID, why: str) -> None:
    async with context.sessions.begin() as session:
        failed = {"state": "failed", "finished_at": datetime.now(UTC), "problem": why}
        await session.execute(_unfinished(run_id).values(failed))


def _unfinished(run_id: uuid.UUID) -> Any:
    return update(ReportRun).where(ReportRun.id == run_id, ReportRun.state.in_(UNFINISHED))


async def _make(context: Context, report: ReportRun, folder: Path) -> None:
    question = ReportQuestion.model_validate(report.question)
    async with context.engine.connect() as connection:
        who = await acting(connection, report.account_id, roles=report.roles, client_id=report.client_id)
    material = await gather(context, report, who, question, folder)
    path = folder / f"report.{question.format}"
    found = await _write(context, report, material, question, folder, path)
    await remove(context.settings, [file_key(report.id)])  # of an attempt that was cut off
    await put_file(context.settings, file_key(report.id), path, may_link=True)
    await _done(context, report, who, material.evidence | found, material.file_name(question), path.stat().st_size)


async def _write(
    context: Context, report: ReportRun, material: Material, question: ReportQuestion, folder: Path, path: Path
) -> dict[str, Any]:
    """Row count and checksum of what was written."""
    job = {
        **material.job(),
        "home": str(context.settings.home),
        "database_url": context.settings.database_url,
        "folder": str(folder),
        "path": str(path),
        **question.model_dump(include={"report", "format", "columns"}),
    }
    (folder / "job.json").write_text(json.dumps(job))  # in a folder that only we may read
    news = News()
    command = [sys.executable, "-m", "api.reports.file_maker", str(folder / "job.json")]
    try:
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(_watch(context, report, news))
            ended = await run(command, LIMITS, timeout_s=TIMEOUT_S, told=news.hear)
            watch.cancel()
    except* Cancelled:
        raise Cancelled from None
    if news.refused:
        raise NotMade(news.refused)
    if news.made is None:
        raise RuntimeError(f"the file was not written ({ended.code}): {' | '.join(ended.complaints)}")
    log.info("report made", run=str(report.id), rows=news.rows_total, peak_mb=news.peak_mb)
    return news.made


async def _watch(context: Context, report: ReportRun, news: News) -> None:
    """Writes how far it is, and ends it all once somebody cancelled."""
    assert report.started_at
    while True:
        await asyncio.sleep(LOOK_S)
        async with context.sessions.begin() as session:
            told = news.progress(report.started_at)
            alive = await session.scalar(_unfinished(report.id).values(told).returning(ReportRun.id))
        if alive is None:
            raise Cancelled


async def _done(
    context: Context, report: ReportRun, who: Principal, evidence: dict[str, Any], name: str, size: int
) -> None:
    """What left the house is in the audit log: which rows of which state, so that it can be read again."""
    rows = evidence["row_count"]
    async with context.sessions.begin() as session:
        done = {"state": "done", "finished_at": datetime.now(UTC), "evidence": evidence, "file_name": name}
        done |= {"size_bytes": size, "rows_total": rows, "rows_done": rows}
        if await session.scalar(_unfinished(report.id).values(done).returning(ReportRun.id)) is None:
            raise Cancelled  # in the last moment; the file goes with the old ones
        await record(
            session,
            action="reports.report_exported",
            actor=who,
            target_type="report",
            target_id=report.id,
            on_behalf_of=ReportQuestion.model_validate(report.question).on_behalf_of,
            after={**report.question, "rows": rows, "lake": evidence},
        )

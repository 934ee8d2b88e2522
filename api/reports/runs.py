"""Files that somebody asked for: ordered, told of, cancelled. The job that makes one is in making.py."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import new_id
from api.core.errors import Conflict, NotFound, ProblemError
from api.core.jobs import REPORTS, enqueue
from api.identity.audit import record
from api.identity.rules import Principal
from api.reports.models import ReportRun
from api.reports.questions import ReportQuestion

MAKE = "make_report"
UNFINISHED = ("waiting", "running")

# The same question of the same asker while the file is being made is the same file.
ORDER = text(
    """
    insert into report_run (id, account_id, roles, client_id, question)
    values (:id, :account, :roles, :client, cast(:question as jsonb))
    on conflict (account_id, roles, md5(question::text)) where state in ('waiting', 'running')
    do update set client_id = excluded.client_id
    returning id
    """
)


class FileGone(ProblemError):
    status = 410
    title = "The file is no longer kept"


class NotUnfinished(Conflict):
    title = "Nothing to cancel"


async def order(session: AsyncSession, who: Principal, question: ReportQuestion) -> uuid.UUID:
    """The id of a run whose file a job makes once this transaction is committed, of whom `who` may see by then.

    Asked again while it waits or is made, it is the same run; afterwards a new one.
    """
    values = {
        "id": new_id(),
        "account": who.account_id,
        "roles": sorted(who.roles),
        "client": who.client_id,
        "question": question.model_dump_json(exclude_defaults=True),
    }
    run_id: uuid.UUID = (await session.execute(ORDER, values)).scalar_one()
    if run_id == values["id"]:
        await enqueue(session, MAKE, queue=REPORTS, args={"run_id": str(run_id)}, lock=f"{MAKE}:{run_id}")
    return run_id


def file_key(run_id: uuid.UUID) -> str:
    """In the object store."""
    return f"reports/{run_id}"


async def own(session: AsyncSession, who: Principal, run_id: uuid.UUID) -> ReportRun:
    """A run that the caller ordered, as somebody who could do no more than they can now."""
    run: ReportRun | None = await session.scalar(_own(who).where(ReportRun.id == run_id))
    if run is None:
        raise NotFound("You have no report with this id.")
    return run


async def history(
    session: AsyncSession, who: Principal, *, limit: int, before: uuid.UUID | None = None
) -> Sequence[ReportRun]:
    """The newest first, those older than `before`."""
    asked = _own(who).order_by(ReportRun.id.desc()).limit(limit)
    return (await session.scalars(asked.where(ReportRun.id < before) if before else asked)).all()


def _own(who: Principal) -> Select[ReportRun]:
    return select(ReportRun).where(
        ReportRun.account_id == who.account_id, ReportRun.roles.contained_by(sorted(who.roles))
    )


async def cancel(session: AsyncSession, who: Principal, run_id: uuid.UUID) -> ReportRun:
    """The job ends within a second, a waiting one finds nothing to do. Again changes nothing."""
    run: ReportRun | None = await session.scalar(_own(who).where(ReportRun.id == run_id).with_for_update())
    if run is None:
        raise NotFound("You have no report with this id.")
    if run.state == "cancelled":
        return run
    if run.state not in UNFINISHED:
        raise NotUnfinished(f"The report is {run.state} already: order it again to have a new one.")
    run.state, run.finished_at = "cancelled", datetime.now(UTC)
    await record(
        session,
        action="reports.report_cancelled",
        actor=who,
        target_type="report",
        target_id=run.id,
        after=run.question,
    )
    return run


async def file_of(session: AsyncSession, run_id: uuid.UUID) -> tuple[ReportRun, str]:
    """A finished run, and the key of its file in the object store."""
    run = await session.get(ReportRun, run_id)
    if run is None or run.state not in ("done", "expired"):
        raise NotFound("There is no file of this report.")
    if run.state == "expired":
        raise FileGone("Order the report again; with `snapshot` it has the same rows, as long as the lake has that.")
    return run, file_key(run.id)

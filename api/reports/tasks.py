"""Jobs of this domain."""

import uuid
from typing import Any

from api.core.jobs import REPORTS, Context, task
from api.reports import keeping, making
from api.reports.runs import MAKE

GAVE_UP = "Making it broke off. Order it again; if that fails too, tell whoever runs Praxis."


async def give_up(context: Context, *, run_id: str) -> None:
    await making.fail(context, uuid.UUID(run_id), GAVE_UP)


@task(name=MAKE, queue=REPORTS, gave_up=give_up)
async def make_report(context: Context, *, run_id: str) -> None:
    await making.make(context, uuid.UUID(run_id))


@task(name="forget_report_files", cron="41 3 * * *")
async def forget_report_files(context: Context, **_: Any) -> None:
    await keeping.forget(context)

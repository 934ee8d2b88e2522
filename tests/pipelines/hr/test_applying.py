"""A roster in batches, whose process is killed between and within them: the next run goes on, and nothing is lost."""

import multiprocessing
import os
import signal
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.people import roster_stage
from api.people.rules import OrgUnitRow, Roster, RosterRow
from pipelines.hr.applying import apply
from tests.pipelines.hr.test_ingest import query

UNITS = [OrgUnitRow("it", "IT"), OrgUnitRow("hr", "HR", "it")]
BATCH = 3


def roster(source: str, *rows: RosterRow, day: int) -> Roster:
    named = [replace(row, email=f"{row.employee_number}@{source}.example") for row in rows]
    return Roster(source, date(2026, 3, day), "people.csv", f"{day}", named, UNITS)


def row(n: int, manager: int | None = 0, **changes: Any) -> RosterRow:
    made = RosterRow(str(n), f"Person {n}", date(2025, 1, 1), "Engineer", "it")
    return replace(made, manager_number=None if manager is None else str(manager), **changes)


BEFORE = [row(0, None), *(row(n) for n in range(1, 30))]
AFTER = [
    BEFORE[0],
    *(row(n, 1) for n in range(2, 8)),
    row(1, 40),
    *(row(n, job_title="Lead") for n in range(8, 15)),
    *BEFORE[15:25],
    *(row(n, 0, started_on=date(2026, 3, 2)) for n in range(40, 47)),
]
"""5 leave, 7 have another manager (one of them a new person), 7 another job, 7 join."""

STATE = """
select e.employee_number, e.ended_on, a.is_active, p.display_name, (
    select array_agg((v.valid_from, v.valid_to, v.job_title, m.display_name, v.superseded_at is null)::text
        order by v.valid_from, v.superseded_at nulls last)
    from employment_version v left join person m on m.id = v.manager_id where v.employment_id = e.id
), (select array_agg(type order by type) from event f where f.subject_id = p.id)
from employment e join person p on p.id = e.person_id join account a on a.person_id = p.id
where e.source = :source order by 1
"""


def killed(settings: Settings, what: Roster, commits: int, *, is_before: bool) -> None:
    """In a process of its own: kills itself, as hard as the machine can, at the commit of that number."""
    commit, roster_stage.BATCH = AsyncSession.commit, BATCH
    left = [commits]

    async def fatal(session: AsyncSession) -> None:
        left[0] -= 1
        if left[0] == 0 and is_before:
            os.kill(os.getpid(), signal.SIGKILL)
        await commit(session)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    AsyncSession.commit = fatal  # type: ignore[method-assign]
    apply(settings, what, decided=True)


def test_a_roster_whose_process_is_killed_goes_on_where_it_was_and_who_leaves_is_out_first(
    settings: Settings, monkeypatch: Any
) -> None:
    monkeypatch.setattr(roster_stage, "BATCH", BATCH)
    states = {}
    for source in ("whole", "killed"):
        apply(settings, roster(source, *BEFORE, day=1))
    whole = apply(settings, roster("whole", *AFTER, day=2), decided=True)
    assert whole.counts == {"joined": 7, "rehired": 0, "changed": 14, "left": 5, "unchanged": 11, "refused": 0}
    spawn = multiprocessing.get_context("spawn")
    out = """
    select email::text from account a join employment e on e.person_id = a.person_id
    where a.is_active and e.source = 'killed' and e.employee_number in ('25', '26', '27', '28', '29')
    """
    for commits, is_before in ((2, False), (3, True), (2, False), (4, True)):
        given = (settings, roster("killed", *AFTER, day=2), commits)
        child = spawn.Process(target=killed, args=given, kwargs={"is_before": is_before})
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
        status = "select status from hr_import where source = 'killed' and as_of = '2026-03-02'"
        assert query(settings, status) == [("applying",)]
        assert query(settings, out) == [], "leavers are out before anything else"
    after = apply(settings, roster("killed", *AFTER, day=2))
    assert (after.status, after.counts) == ("applied", whole.counts)
    for source in ("whole", "killed"):
        states[source] = query(settings, STATE.replace(":source", f"'{source}'"))
    assert states["killed"] == states["whole"]

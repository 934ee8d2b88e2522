"""Reports as files by the whole job, beside the bare tool that writes such a file.

python -m tests.bench.exports [--quick]
"""

import asyncio
import json
import resource
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import typst
import xlsxwriter
from sqlalchemy import text

from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.core.settings import Settings
from api.identity.rules import OPERATOR, SCOPES, Principal
from api.media.storage import local_copy
from api.reports import making, pdf_file
from api.reports.runs import ReportQuestion, file_key, order
from tests.bench.place import install, line, machine
from tests.marts import marts

COURSES = 10
COMPANY = """
insert into org_unit (id, source, code, name)
    select uuidv7(), 'b', n::text, 'Unit ' || n from generate_series(0, 199) n;
insert into person (id, display_name) select uuidv7(), 'Person Müller ' || n from generate_series(1, {people}) n;
insert into employment (id, person_id, source, employee_number, started_on)
    select uuidv7(), id, 'b', row_number() over () , '2020-01-01' from person;
insert into employment_version (id, employment_id, valid_from, job_title, org_unit_id)
    select uuidv7(), e.id, '2020-01-01', 'Operator',
        (select array_agg(id order by code) from org_unit)[1 + e.employee_number::int % 200] from employment e;
insert into account (id, person_id, email) select id, id, 'o@example.com' from person limit 1;
insert into role_grant (id, account_id, role) select uuidv7(), id, 'officer' from account;
analyze;
"""
OBLIGATIONS = """
create table obligations as
select p.id as person_id, '00000000-0000-0000-0000-00000000000' || c as course_id,
    'Course number ' || c as course_title, (p.n * 7 + c) % 101 as progress_percent, date '2026-01-01' as assigned_on,
    date '2026-01-01' + ((p.n * 31 + c * 17) % 700)::integer as due_on,
    case when (p.n + c) % 3 = 0 then timestamptz '2026-03-01 10:00:00Z' + to_seconds(p.n) end as completed_at
from (select unnest($ids) as id, generate_subscripts($ids, 1) as n) p, range({courses}) cs (c)
"""
BARE_TYPST = """#let d = json(bytes(sys.inputs.data))
#set document(title: "Report")
#set page(paper: "a4", flipped: true)
#set text(font: "Inter", 8.5pt)
#table(columns: d.headings.len(), table.header(..d.headings), ..d.rows.flatten())
"""


class Place:
    """The job as the worker runs it, without the wait for its turn; and what the process that writes said last."""

    def __init__(self, context: Context, who: Principal) -> None:
        self.context, self.who, self.peak_mb = context, who, 0

    async def made(self, path: Path, **question: Any) -> tuple[float, int]:
        """(seconds, rows); the file is at `path`."""
        async with self.context.sessions.begin() as session:
            run_id = await order(session, self.who, ReportQuestion(**question))
        began = time.perf_counter()
        await making.make(self.context, run_id)
        seconds = time.perf_counter() - began
        found = text("select state, rows_total, problem from report_run where id = :id")
        async with self.context.sessions() as session:
            row = (await session.execute(found, {"id": run_id})).one()
        assert row.state == "done", row.problem
        async with local_copy(self.context.settings, file_key(run_id)) as file:
            path.write_bytes(file.read_bytes())
        return seconds, row.rows_total


def _listen(place: Place) -> None:
    real = making.run

    async def run(command: list[str], limits: Any, *, timeout_s: float, told: Callable[[str], None]) -> Any:
        def hear(news: str) -> None:
            place.peak_mb = json.loads(news).get("peak_mb", place.peak_mb)
            told(news)

        return await real(command, limits, timeout_s=timeout_s, told=hear)

    making.run = run


async def _fill(settings: Settings, people: int) -> Principal:
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute(COMPANY.format(people=people))
    ids = [str(row["id"]) for row in await connection.fetch("select id from person order by id")]
    account: uuid.UUID = await connection.fetchval("select id from account")
    await connection.close()
    with marts(settings) as duck:
        duck.execute(OBLIGATIONS.format(courses=COURSES), {"ids": ids})
    roles = frozenset({"employee", "manager", "officer"})
    return Principal(account, account, roles, frozenset(SCOPES), OPERATOR, frozenset({("officer", None)}))


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


async def _csv(place: Place, folder: Path, rounds: int) -> None:
    """Beside COPY of the finished rows from a table that has them already."""
    ours, theirs, peaks, grown = [], [], {}, {}
    for name, narrowed in (("tenth", {"courses": ["00000000-0000-0000-0000-000000000000"]}), ("all", {})):
        _, rows = await place.made(folder / f"{name}.csv", **narrowed)
        peaks[name], grown[name] = place.peak_mb, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    connection = await asyncpg.connect(place.context.settings.database_url)
    await connection.execute(
        "create table bare (person text, team text, course text, due_on date, status text, progress_percent int,"
        " days_late int, completed_at timestamptz)"
    )
    bare = (folder / "all.csv").read_bytes().removeprefix(b"\xef\xbb\xbf")
    (folder / "bare.csv").write_bytes(bare)
    await connection.copy_to_table("bare", source=folder / "bare.csv", format="csv", header=True)
    for _ in range(rounds):
        ours.append((await place.made(folder / "all.csv"))[0])
        began = time.perf_counter()
        await connection.copy_from_table("bare", output=folder / "copied.csv", format="csv", header=True)
        theirs.append(time.perf_counter() - began)
    await connection.close()
    mine, copy = rows / _middle(ours), rows / _middle(theirs)
    line(f"CSV of {rows:,} rows", f"{mine:,.0f} rows/s", f"COPY of finished rows {copy:,.0f} rows/s", mine / copy)
    extra = peaks["all"] - peaks["tenth"] + grown["all"] - grown["tenth"]
    print(f"  memory: writer {peaks['tenth']} MB for a tenth, {peaks['all']} MB for all; with the worker +{extra} MB")


def _rows(path: Path) -> Iterator[list[Any]]:
    import openpyxl  # noqa: PLC0415

    yield from openpyxl.load_workbook(path, read_only=True)["Report"].iter_rows(min_row=2, values_only=True)


async def _xlsx(place: Place, folder: Path, rounds: int) -> None:
    ours, theirs = [], []
    question = {"format": "xlsx", "courses": ["00000000-0000-0000-0000-000000000000"]}
    await place.made(folder / "x.xlsx", **question)
    cells = list(_rows(folder / "x.xlsx"))
    for _ in range(rounds):
        ours.append((await place.made(folder / "x.xlsx", **question))[0])
        began = time.perf_counter()
        book = xlsxwriter.Workbook(folder / "bare.xlsx", {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet()
        for at, row in enumerate(cells):
            sheet.write_row(at, 0, row)
        book.close()
        theirs.append(time.perf_counter() - began)
    mine, bare = len(cells) / _middle(ours), len(cells) / _middle(theirs)
    line(f"XLSX of {len(cells):,} rows", f"{mine:,.0f} rows/s", f"xlsxwriter {bare:,.0f} rows/s", mine / bare)


async def _pdf(place: Place, folder: Path, rounds: int) -> None:
    ours, theirs = [], []
    (folder / "bare.typ").write_text(BARE_TYPST)
    _, count = await place.made(folder / "x.xlsx", format="xlsx", team="Unit 7")
    headings = ["Person", "Team", "Course", "Due", "Status", "Progress %", "Days late", "Completed at (UTC)"]
    cells = [["–" if cell is None else str(cell)[:16] for cell in row] for row in _rows(folder / "x.xlsx")]
    inputs = {"data": json.dumps({"headings": headings, "rows": cells})}
    for _ in range(rounds):
        ours.append((await place.made(folder / "x.pdf", format="pdf", team="Unit 7"))[0])
        compiler = typst.Compiler(folder / "bare.typ", font_paths=[pdf_file.FONTS])
        began = time.perf_counter()
        compiler.compile(output=str(folder / "bare.pdf"), sys_inputs=inputs, format="pdf", pdf_standards="ua-1")
        theirs.append(time.perf_counter() - began)
    mine, bare = count / _middle(ours), count / _middle(theirs)
    line(f"PDF of {count:,} rows", f"{mine:,.0f} rows/s", f"bare typst {bare:,.0f} rows/s", mine / bare)
    print(f"  memory: writer {place.peak_mb} MB")


async def _all(settings: Settings, people: int, rounds: int) -> None:
    who = await _fill(settings, people)
    engine = make_engine(settings.database_url, pool_size=4)
    place = Place(Context(settings, make_sessions(engine)), who)
    _listen(place)
    folder = settings.home / "bench"
    folder.mkdir()
    for measure in (_csv, _xlsx, _pdf):
        await measure(place, folder, rounds)
    await engine.dispose()


def main() -> None:
    is_quick = "--quick" in sys.argv
    machine()
    with install() as settings:
        asyncio.run(_all(settings, 10_000 if is_quick else 100_000, 1 if is_quick else 3))


if __name__ == "__main__":
    main()

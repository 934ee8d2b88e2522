"""Reports as files: the same rows on every form, of whom the asker may see, by a job that is watched and cancelled."""

import asyncio
import csv
import hashlib
import io
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pypdf
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.core.settings import Settings
from api.reports import file_maker, keeping, making, xlsx_file
from api.reports.columns import usual
from tests.factories import make_org_unit, make_person
from tests.marts import marts

PEOPLE = ("=Ann", "Bob", "Zoë", "Yun ＠")
COURSES = [str(uuid.UUID(int=n)) for n in (1, 2)]


@pytest.fixture(scope="module")
async def people(settings: Settings, database_url: str) -> dict[str, uuid.UUID]:
    """Lead over four people in Plant; Other over one in Office; two courses that all must do."""
    engine = make_engine(database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        plant, office = await make_org_unit(session, "Plant"), await make_org_unit(session, "Office")
        lead, other = await make_person(session, "Lead"), await make_person(session, "Other")
        found = {"Lead": lead.id, "Other": other.id}
        for name in PEOPLE:
            found[name] = (await make_person(session, name, manager=lead, org_unit=plant)).id
        found["Secret"] = (await make_person(session, "Secret", manager=other, org_unit=office)).id
        await session.commit()
    await engine.dispose()
    today = datetime.now(UTC).date()
    with marts(settings) as duck:
        duck.execute(
            "create table obligations (person_id varchar, course_id varchar, course_title varchar,"
            " progress_percent integer, assigned_on date, due_on date, completed_at timestamptz)"
        )
        for n, who in enumerate((*PEOPLE, "Secret")):
            for course, title in zip(COURSES, ("Safety", 'Data, "privacy"'), strict=True):
                done = datetime(2026, 3, 1, 10, 0, 30, 600_000, tzinfo=UTC) if n == 1 else None
                row = [str(found[who]), course, title, 20 * n, date(2026, 1, 1), today + timedelta(20 * n - 10), done]
                duck.execute("insert into obligations values (?, ?, ?, ?, ?, ?, ?)", row)
    return found


@pytest.fixture
async def context(settings: Settings) -> AsyncIterator[Context]:
    engine = make_engine(settings.database_url, pool_size=4)
    yield Context(settings, make_sessions(engine))
    await engine.dispose()


class Asker:
    def __init__(self, api: httpx.AsyncClient, context: Context, headers: dict[str, str]) -> None:
        self.api, self.context, self.headers = api, context, headers

    async def get(self, path: str, **query: Any) -> Any:
        return (await self.api.get(path, params=query, headers=self.headers)).json()

    async def order(self, **question: Any) -> dict[str, Any]:
        answer = await self.api.post("/generate-report", json=question, headers=self.headers)
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == f"/reports/{answer.json()['id']}"
        return dict(answer.json())

    async def make(self, **question: Any) -> dict[str, Any]:
        """Ordered, made as the worker makes it, and asked for again."""
        run = await self.order(**question)
        await making.make(self.context, uuid.UUID(run["id"]))
        return dict(await self.get(f"/reports/{run['id']}"))

    async def file(self, run: dict[str, Any]) -> httpx.Response:
        """By the link alone."""
        address = urlsplit(run["download"]["url"])
        return await self.api.get(f"{address.path}?{address.query}")


@pytest.fixture
def lead(
    api: httpx.AsyncClient, context: Context, people: dict[str, uuid.UUID], token_for: Callable[..., dict[str, str]]
) -> Asker:
    return Asker(api, context, token_for(people["Lead"]))


def checksum(rows: list[list[str]]) -> str:
    """As docs/reports.md says."""
    digests = (hashlib.md5("\x1f".join(row).encode(), usedforsecurity=False).digest() for row in rows)
    return f"{sum(int.from_bytes(one[:8], 'little') for one in digests) % 2**64:016x}"


def of_csv(content: bytes) -> list[list[str]]:
    heading, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert heading == [column.heading for column in usual("compliance")]
    return [[cell[1:] if cell.startswith("'") else cell for cell in row] for row in rows]


def cell_text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%dT%H:%M:%SZ}" if (cell.hour or cell.minute or cell.second) else f"{cell:%Y-%m-%d}"
    return "" if cell is None else str(cell)


def of_xlsx(content: bytes) -> list[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [[cell_text(cell) for cell in row] for row in book["Report"].iter_rows(min_row=2, values_only=True)]


def of_parquet(content: bytes) -> list[list[str]]:
    table = pa_parquet.read_table(io.BytesIO(content))
    return [[cell_text(cell) for cell in row.values()] for row in table.to_pylist()]


async def test_screen_csv_xlsx_pdf_and_parquet_of_one_question_are_the_same_rows_of_the_same_snapshot(
    lead: Asker,
) -> None:
    screen = await lead.get("/compliance-report")
    proof = {key: screen["freshness"][key] for key in ("snapshot", "row_count", "checksum", "watermark")}
    assert proof["row_count"] == 8
    for kind, read in (("csv", of_csv), ("xlsx", of_xlsx), ("parquet", of_parquet), ("pdf", None)):
        run = await lead.make(format=kind, snapshot=proof["snapshot"])
        assert (run["state"], run["progress_percent"], run["problem"]) == ("done", 100, None), kind
        assert {key: run["evidence"][key] for key in proof} == proof, kind
        answer = await lead.file(run)
        assert answer.status_code == 200
        assert f'checksum="{proof["checksum"]}"' in answer.headers["praxis-evidence"]
        assert f"snapshot-{proof['snapshot']}.{kind}" in answer.headers["content-disposition"]
        if read:
            rows = read(answer.content)
            assert (len(rows), checksum(rows)) == (8, proof["checksum"]), kind
            assert [row[0] for row in rows] == [item["person"]["name"] for item in screen["items"]], kind
        assert carries(kind, answer.content, proof), kind


def carries(kind: str, content: bytes, proof: dict[str, Any]) -> bool:
    """Whether the file itself says which rows of which state it has; a CSV says it by its name and headers."""
    if kind == "parquet":
        said = json.loads(pa_parquet.read_schema(io.BytesIO(content)).metadata[b"praxis"])
        return all(said[key] == value for key, value in proof.items())
    if kind == "xlsx":
        said = dict(openpyxl.load_workbook(io.BytesIO(content))["About"].iter_rows(min_row=2, values_only=True))
        return (said["Checksum"], said["Rows"], said["Watermark"]) == (proof["checksum"], "8", proof["watermark"])
    if kind == "pdf":
        document = pypdf.PdfReader(io.BytesIO(content))
        page = document.pages[0].extract_text()
        return all(str(proof[key]) in page for key in ("checksum", "watermark")) and document.is_encrypted is False
    return True


async def test_a_file_has_the_people_whom_its_asker_may_see_and_the_columns_and_courses_asked_for(
    lead: Asker, people: dict[str, uuid.UUID], token_for: Callable[..., dict[str, str]]
) -> None:
    asked = {"people": [str(people[name]) for name in ("Bob", "Secret")], "courses": COURSES[:1]}
    run = await lead.make(report="progress", columns=["course", "person", "job_title"], **asked)
    heading, *rows = csv.reader(io.StringIO((await lead.file(run)).content.decode("utf-8-sig")))
    assert (heading, rows) == (["Course", "Person", "Job"], [["Safety", "Bob", "Analyst"]])
    screen = await lead.get("/team-progress", person_id=people["Bob"], course_id=COURSES[0])
    assert run["evidence"]["checksum"] == screen["freshness"]["checksum"], "whichever columns are shown"
    nobody = await Asker(lead.api, lead.context, token_for(people["Bob"])).make()
    assert (nobody["state"], nobody["download"]) == ("failed", None)
    assert "No one reports to you" in nobody["problem"]


async def test_a_report_is_its_askers_alone_and_its_link_is_signed_and_expires(
    lead: Asker, people: dict[str, uuid.UUID], token_for: Callable[..., dict[str, str]], settings: Settings
) -> None:
    run = await lead.make()
    other = Asker(lead.api, lead.context, token_for(people["Other"]))
    assert (await other.get(f"/reports/{run['id']}"))["status"] == 404
    assert run["id"] not in {one["id"] for one in (await other.get("/reports"))["items"]}
    assert run["id"] == (await lead.get("/reports", limit=1))["items"][0]["id"]
    own, path = uuid.UUID(run["id"]), f"/reports/{run['id']}/file"
    url, _ = keeping.link(settings, own, now=time.time() - keeping.LINK_S - 1)
    late = await lead.api.get(path, params=dict(pair.split("=") for pair in urlsplit(url).query.split("&")))
    assert (late.status_code, late.json()["title"]) == (403, "The link has expired")
    forged = await lead.api.get(path, params={"expires": 2**40, "signature": "0" * 64})
    assert (forged.status_code, forged.json()["title"]) == (403, "Not allowed")


async def test_a_file_goes_after_a_week_and_its_evidence_stays(lead: Asker) -> None:
    run = await lead.make()
    await keeping.forget(lead.context, now=datetime.now(UTC) + timedelta(days=keeping.FILE_DAYS, minutes=1))
    old = await lead.get(f"/reports/{run['id']}")
    assert (old["state"], old["download"], old["evidence"]) == ("expired", None, run["evidence"])
    assert (await lead.file(run)).json()["title"] == "The file is no longer kept"


async def test_the_same_question_while_it_is_made_is_the_same_report_and_a_cancelled_one_is_never_made(
    lead: Asker,
) -> None:
    run = await lead.order(status="overdue")
    assert (await lead.order(status="overdue"))["id"] == run["id"]
    assert (await lead.order(status="open"))["id"] != run["id"]
    path = f"/reports/{run['id']}/cancel"
    for _ in range(2):
        cancelled = (await lead.api.post(path, headers=lead.headers)).json()
        assert cancelled["state"] == "cancelled"
    await making.make(lead.context, uuid.UUID(run["id"]))
    assert (await lead.get(f"/reports/{run['id']}"))["state"] == "cancelled"
    done = await lead.make(status="overdue")
    assert done["id"] != run["id"]
    late = await lead.api.post(f"/reports/{done['id']}/cancel", headers=lead.headers)
    assert (late.status_code, late.json()["title"]) == (409, "Nothing to cancel")


async def test_a_report_that_is_being_made_tells_how_far_it_is_and_ends_when_cancelled(
    lead: Asker, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """The process that writes is one that never ends."""
    code = (
        "import time; print('{\"rows_total\": 1000}', flush=True); print('{\"rows_done\": 250}', flush=True);"
        " time.sleep(600)"
    )
    real = making.run
    monkeypatch.setattr(making, "LOOK_S", 0.1)
    monkeypatch.setattr(
        making, "run", lambda command, *rest, **options: real([command[0], "-c", code], *rest, **options)
    )
    run = await lead.order()
    job = asyncio.create_task(making.make(lead.context, uuid.UUID(run["id"])))
    deadline = time.monotonic() + 30
    while (now := await lead.get(f"/reports/{run['id']}"))["rows_done"] != 250:
        assert time.monotonic() < deadline, now
    assert (now["state"], now["rows_total"], now["progress_percent"]) == ("running", 1000, 25)
    assert now["eta_s"] >= 1
    await lead.api.post(f"/reports/{run['id']}/cancel", headers=lead.headers)
    await asyncio.wait_for(job, 30)
    assert not list(settings.workplaces_dir.iterdir()), "and nothing is left of it"


async def test_a_pdf_beyond_its_limit_is_refused_with_the_way_out_and_xlsx_goes_on_in_another_sheet(
    tmp_path: Path,
) -> None:
    with pytest.raises(file_maker.TooLong, match="Take XLSX, CSV or Parquet"):
        file_maker._kind(None, {"format": "pdf"}, 20_001)  # type: ignore[arg-type]
    columns = usual("compliance")[:2]
    batches = [pa.record_batch([[f"P{n}" for n in range(5)], ["T"] * 5], names=["a", "b"]) for _ in range(2)]
    xlsx_file.write_xlsx(tmp_path / "x.xlsx", columns, iter(batches), file_maker.About("T", [], {}), most=5)
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["Report", "Report 2", "Report 3", "About"]
    names = [row[0] for name in book.sheetnames[:3] for row in book[name].iter_rows(min_row=2, values_only=True)]
    assert names == [f"P{n}" for n in range(5)] * 2


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"columns": ["salary"]}, "salary is no column of compliance"),
        ({"report": "progress", "status": "overdue"}, "overdue is no status of progress"),
        ({"report": "progress", "team": "Plant"}, "are of report=compliance"),
        ({"due_from": "2026-02-01", "due_to": "2026-01-01"}, "give a day before due_to"),
        ({"format": "docx"}, "'csv', 'xlsx', 'pdf' or 'parquet'"),
    ],
)
async def test_a_question_that_fits_no_report_is_refused(lead: Asker, question: dict[str, Any], why: str) -> None:
    answer = await lead.api.post("/generate-report", json=question, headers=lead.headers)
    assert answer.status_code == 422
    assert why in answer.text


async def test_what_left_the_house_is_in_the_audit_log(lead: Asker, committed: AsyncSession) -> None:
    run = await lead.make(format="parquet", status="overdue")
    found = text("select * from audit_entry where target_id = :id")
    entry = (await committed.execute(found, {"id": run["id"]})).one()
    assert (entry.action, entry.after["rows"]) == ("reports.report_exported", run["evidence"]["row_count"])
    assert entry.after["lake"]["snapshot"] == run["evidence"]["snapshot"]

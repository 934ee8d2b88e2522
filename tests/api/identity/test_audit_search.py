"""Officers and auditors search the log and take it away; nobody else does."""

import csv
import io
import json
import re
import subprocess
import sys
import tracemalloc
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, make_read_engine
from api.core.settings import ROOT, Settings
from api.identity.audit import record
from api.identity.audit_search import Filters, export
from api.identity.models import Account, RoleGrant
from api.identity.rules import Principal
from api.people.models import Person
from tests.api.identity.logs import Log
from tests.factories import make_org_unit, make_person

Headers = Callable[..., dict[str, str]]


@dataclass
class Company:
    """Entries: Ada did a.a to Bo, then b.b to Ada for Bo; a client did a.c to it; nobody did a_c.d to nothing."""

    ada: Person
    bo: Person
    officer: Person


@pytest.fixture(scope="module")
async def company(settings: Settings) -> AsyncIterator[Company]:
    engine = make_engine(settings.database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        ada, bo = await make_person(session, "=Ada Ito"), await make_person(session, "Bo Berg")
        officer = await make_person(session, "Ona Orr", roles=("officer",))
        who = Principal(ada.id, ada.id, frozenset(), frozenset(), "praxis-web")
        await record(session, action="a.a", actor=who, target_type="account", target_id=bo.id, after={"role": "x"})
        await record(
            session, action="b.b", actor=who, target_type="person", target_id=ada.id, on_behalf_of=bo.id, note="@SUM(1)"
        )
        await record(session, action="ab.c", target_type="client", target_id="planner", client_id="planner")
        await record(session, action="a_c.d", target_type="nothing", target_id=None, note="=cmd|' /C calc'!A0")
    yield Company(ada, bo, officer)
    await engine.dispose()


@pytest.fixture
def officer(company: Company, token_for: Headers) -> dict[str, str]:
    return token_for(company.officer.id, "officer")


async def found(api: httpx.AsyncClient, headers: dict[str, str], **asked: Any) -> list[str]:
    """The actions of the entries, the newest first; exports are left out."""
    answer = await api.get("/audit-log", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    actions = [item["action"] for item in answer.json()["items"]]
    return [action for action in actions if action != "identity.audit_log_exported"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["a_c.d", "ab.c", "b.b", "a.a"]),
        ({"actor": "{ada.id}"}, ["b.b", "a.a"]),
        ({"actor": "{ada.email}"}, ["b.b", "a.a"]),
        ({"actor": " =ADA ito "}, ["b.b", "a.a"]),
        ({"actor": "bo berg"}, ["b.b"]),
        ({"actor": "nobody"}, []),
        ({"actor": str(uuid.uuid4())}, []),
        ({"target": "{bo.id}"}, ["a.a"]),
        ({"target": "{ada.email}"}, ["b.b"]),
        ({"target": "planner"}, ["ab.c"]),
        ({"target": "plan"}, []),
        ({"target_type": "client"}, ["ab.c"]),
        ({"action": "a.a"}, ["a.a"]),
        ({"action": "a_"}, ["a_c.d"]),
        ({"action": "a"}, ["a_c.d", "ab.c", "a.a"]),
        ({"from": "{past}"}, ["a_c.d", "ab.c", "b.b", "a.a"]),
        ({"from": "{future}"}, []),
        ({"to": "{past}"}, []),
        ({"to": "{future}", "action": "b."}, ["b.b"]),
    ],
)
async def test_each_filter_narrows(
    api: httpx.AsyncClient, company: Company, officer: dict[str, str], asked: dict[str, str], expected: list[str]
) -> None:
    now = datetime.now(UTC)
    moments = {"past": (now - timedelta(hours=1)).isoformat(), "future": (now + timedelta(hours=1)).isoformat()}
    filled = {name: value.format(**vars(company), **moments) for name, value in asked.items()}
    assert await found(api, officer, **filled) == expected


async def test_to_is_exclusive_and_from_is_not(api: httpx.AsyncClient, officer: dict[str, str]) -> None:
    (entry,) = (await api.get("/audit-log", params={"action": "b.b"}, headers=officer)).json()["items"]
    assert await found(api, officer, action="b.b", **{"from": entry["recorded_at"]}) == ["b.b"]
    assert await found(api, officer, action="b.b", to=entry["recorded_at"]) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2026-01-01T00:00:00"},
        {"action": "a%"},
        {"limit": 501},
        {"cursor": 0},
        {"format": "xml"},
        {"actor": "nul \0"},
        {"target": "x" * 201},
    ],
)
async def test_what_can_not_be_asked_is_said(
    api: httpx.AsyncClient, officer: dict[str, str], asked: dict[str, Any]
) -> None:
    assert (await api.get("/audit-log", params=asked, headers=officer)).status_code == 422


async def test_an_entry_names_who_acted_on_whom_and_for_whom(
    api: httpx.AsyncClient, company: Company, officer: dict[str, str]
) -> None:
    (entry,) = (await api.get("/audit-log", params={"action": "b.b"}, headers=officer)).json()["items"]
    assert (entry["actor"]["name"], entry["target_name"], entry["on_behalf_of_name"]) == (
        *("=Ada Ito", "=Ada Ito"),
        "Bo Berg",
    )
    assert entry["actor"]["client_id"] == "praxis-web"
    assert re.fullmatch("[0-9a-f]{64}", entry["hash"])


async def test_pages_neither_repeat_nor_miss_while_entries_are_added(
    api: httpx.AsyncClient, settings: Settings, officer: dict[str, str]
) -> None:
    engine = make_engine(settings.database_url, pool_size=2)
    ours = Log(settings, engine)
    await ours.write(25, action="page.turned")
    before = [
        item["seq"]
        for item in (await api.get("/audit-log", params={"action": "page."}, headers=officer)).json()["items"]
    ]
    seen: list[int] = []
    cursor: str | None = None
    while cursor or not seen:
        asked = {"action": "page.", "limit": 10, **({"cursor": cursor} if cursor else {})}
        answer = (await api.get("/audit-log", params=asked, headers=officer)).json()
        seen += [item["seq"] for item in answer["items"]]
        cursor = answer["next"]
        await ours.write(3, action="page.turned")
    await engine.dispose()
    assert seen == before
    assert len(seen) == 25


@pytest.mark.parametrize("roles", [("employee",), ("manager",), ("creator",), ("hr_data",), ("service",)])
async def test_other_roles_are_refused(
    api: httpx.AsyncClient, company: Company, token_for: Headers, roles: tuple[str, ...]
) -> None:
    for kind in ("json", "csv", "jsonl"):
        answer = await api.get("/audit-log", params={"format": kind}, headers=token_for(company.ada.id, *roles))
        assert answer.status_code == 403
    assert (await api.get("/audit-log")).status_code == 401


async def test_an_external_auditor_reads_and_exports(
    api: httpx.AsyncClient, committed: AsyncSession, company: Company, token_for: Headers
) -> None:
    account = Account(email=f"{uuid.uuid4().hex}@auditors.example")
    committed.add(account)
    await committed.flush()
    committed.add(RoleGrant(account_id=account.id, role="auditor"))
    await committed.commit()
    headers = token_for(account.id, "auditor")
    assert await found(api, headers, action="b.") == ["b.b"]
    assert (await api.get("/audit-log?format=csv", headers=headers)).status_code == 200
    (own,) = (await api.get("/audit-log", params={"actor": account.email}, headers=headers)).json()["items"]
    assert (own["action"], own["actor"]["name"]) == ("identity.audit_log_exported", account.email)


@pytest.mark.parametrize(
    ("whole_until", "status"),
    [("never", 403), (datetime.now(UTC) - timedelta(minutes=1), 403), (datetime.now(UTC) + timedelta(hours=1), 200)],
)
async def test_an_officer_of_some_units_is_refused_unless_another_grant_is_for_all(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Headers, whole_until: datetime | str, status: int
) -> None:
    narrowed = await make_person(committed, "Nell Narrow")
    unit = await make_org_unit(committed)
    committed.add(RoleGrant(account_id=narrowed.id, role="officer", org_unit_id=unit.id))
    if isinstance(whole_until, datetime):
        committed.add(RoleGrant(account_id=narrowed.id, role="officer", valid_until=whole_until))
    await committed.commit()
    for kind in ("json", "csv", "jsonl"):
        answer = await api.get("/audit-log", params={"format": kind}, headers=token_for(narrowed.id, "officer"))
        assert answer.status_code == status
    if status == 403:
        assert answer.json()["title"] == "The audit log is for the whole company"


def script() -> str:
    """The one that the documentation gives."""
    return re.search(r"```python\n(.*?)```", (ROOT / "docs" / "audit.md").read_text(), re.S)[1]  # type: ignore[index]


def check(content: bytes, kind: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Without Praxis: another interpreter that sees no package of ours."""
    file = folder / f"log.{kind}"
    file.write_bytes(content)
    command = [sys.executable, "-I", "-S", "-c", script(), file]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
async def test_an_export_is_checked_by_ten_lines_that_know_nothing_of_praxis(
    api: httpx.AsyncClient, officer: dict[str, str], tmp_path: Path, kind: str
) -> None:
    answer = await api.get("/audit-log", params={"format": kind}, headers=officer)
    assert answer.headers["content-disposition"] == f'attachment; filename="audit-log.{kind}"'
    right = check(answer.content, kind, tmp_path)
    assert right.returncode == 0, right.stderr
    newest = (await api.get("/audit-log?limit=1", headers=officer)).json()["items"][0]
    assert right.stdout.strip() == f"{newest['seq']} entries, the last {newest['seq']}, head {newest['hash']}"
    assert check(answer.content.replace(b"planner", b"Planner"), kind, tmp_path).returncode == 1
    lines = answer.content.splitlines(keepends=True)
    moved = b"".join([*lines[:1], lines[2], lines[1], *lines[3:]])
    told = check(moved, kind, tmp_path)
    assert (told.returncode, "is not what was written" in told.stderr) == (1, True)
    assert len(script().strip().splitlines()) <= 12


async def test_a_filtered_export_has_what_matches_and_is_checked_too(
    api: httpx.AsyncClient, officer: dict[str, str], tmp_path: Path
) -> None:
    answer = await api.get("/audit-log", params={"format": "jsonl", "action": "a"}, headers=officer)
    told = [json.loads(json.loads(line)["text"])["action"] for line in answer.text.splitlines()]
    assert told[:3] == ["a.a", "ab.c", "a_c.d"]
    assert check(answer.content, "jsonl", tmp_path).returncode == 0


async def test_the_export_is_in_the_log_and_holds_no_name_that_was_typed(
    api: httpx.AsyncClient, company: Company, officer: dict[str, str]
) -> None:
    for asked in ({"actor": str(company.bo.email)}, {"target": "Erased Ernie"}):
        await api.get("/audit-log", params={"format": "csv", **asked}, headers=officer)
    by_name, by_nobody = (
        await api.get("/audit-log", params={"action": "identity.audit_log_exported", "limit": 2}, headers=officer)
    ).json()["items"][::-1]
    assert by_name["after"] == {"format": "csv", "actor": [str(company.bo.id)]}
    assert by_nobody["after"] == {"format": "csv", "target": []}
    assert by_name["actor"]["account_id"] == str(company.officer.id)


async def test_a_spreadsheet_runs_nothing_that_the_log_says(api: httpx.AsyncClient, officer: dict[str, str]) -> None:
    answer = await api.get("/audit-log", params={"format": "csv"}, headers=officer)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@\t\r\n") and cell]
    told = {row["action"]: row for row in rows}
    assert told["a_c.d"]["note"] == "'=cmd|' /C calc'!A0"
    assert (told["b.b"]["actor_name"], told["b.b"]["note"]) == ("'=Ada Ito", "'@SUM(1)")
    assert json.loads(told["b.b"]["text"])["note"] == "@SUM(1)", "what is hashed is what was written"


async def test_a_hundred_thousand_entries_are_exported_in_flat_memory(log: Log) -> None:
    await log.run(
        "insert into audit_entry (action, target_type, target_id, after) select 'a.b', 'thing', 't-' || n,"
        " jsonb_build_object('n', n, 'said', repeat('x', 200)) from generate_series(1, 100000) n",
        "analyze audit_entry",
    )
    engine = make_read_engine(log.settings.database_url, pool_size=1)
    tracemalloc.start()
    size = count = 0
    async for part in export(engine, Filters(), "jsonl"):
        size, count = size + len(part), count + part.count(b"\n")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    await engine.dispose()
    assert count == 100_000
    assert size > 60_000_000
    assert peak < 12_000_000, f"{peak:,} of {size:,} bytes were held at once"

"""`praxis audit`, `client`, `keys` and `token` as a person types them: what they do is in the log."""

import asyncio
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.errors import ProblemError
from api.identity.tokens import SigningKeys
from stack import audit, clients, database
from stack.install import Install
from stack.problems import StackProblem
from stack.token import token as token_for
from tests.api.identity.logs import GUARDED, UNGUARDED
from tests.api.identity.test_audit_search import check
from tests.factories import make_org_unit, make_person
from tests.loops import apart
from tests.stack.commands import praxis


@pytest.fixture
def migrated(started: Install) -> Install:
    database.migrate(started.settings.database_url)
    return started


def run(install: Install, *statements: str) -> list[dict[str, Any]]:
    """The rows of the last statement, if it has any."""

    async def ask() -> list[dict[str, Any]]:
        engine = make_engine(install.settings.database_url, pool_size=1)
        async with engine.begin() as connection:
            for statement in statements:
                found = await connection.execute(text(statement))
            rows = [dict(row) for row in found.mappings()] if found.returns_rows else []
        await engine.dispose()
        return rows

    return apart(lambda: asyncio.run(ask()))


def entries(install: Install) -> list[dict[str, Any]]:
    return run(install, "select * from audit_entry order by seq")


def refused(work: Callable[[], object]) -> str:
    """What the command would say in one line, as test_cli shows; in this process, which is quicker."""
    with pytest.raises((StackProblem, ProblemError)) as told:
        apart(work)
    return str(told.value)


def test_a_log_is_proven_and_a_changed_entry_is_named_with_code_1(migrated: Install, tmp_path: Path) -> None:
    assert "0 entries" in praxis(migrated, "audit", "verify").stdout
    for number in range(3):
        praxis(migrated, "client", "add-service", f"s{number}", "Numbers", "--scope", "reports")
    proven = praxis(migrated, "audit", "verify")
    assert proven.returncode == 0
    assert proven.stdout.startswith("3 entries, head ")
    heads = migrated.home / "audit" / "heads.jsonl"
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(heads.read_bytes())
    told = json.loads(praxis(migrated, "audit", "verify", "--json", "--heads", str(copy)).stdout)
    assert (told["is_proven"], told["entries"], told["heads"], told["broken"]) == (True, 3, 2, [])
    run(migrated, UNGUARDED, "update audit_entry set note = 'x' where seq = 2", *GUARDED)
    broken = praxis(migrated, "audit", "verify")
    assert broken.returncode == 1
    assert "entry 2 was changed" in broken.stdout
    as_json = praxis(migrated, "audit", "verify", "--json")
    assert as_json.returncode == 1
    assert json.loads(as_json.stdout)["broken"][0]["seq"] == 2
    assert "There is no file" in refused(lambda: audit.verify(migrated, [tmp_path / "nowhere"], as_json=False))


def test_an_export_is_for_its_owner_alone_is_in_the_log_and_is_checked_without_praxis(
    migrated: Install, tmp_path: Path
) -> None:
    for kind in ("csv", "jsonl"):
        file = tmp_path / f"export.{kind}"
        assert praxis(migrated, "audit", "export", str(file)).returncode == 0
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert check(file.read_bytes(), kind, tmp_path).returncode == 0
    assert b"praxis audit export by " in file.read_bytes()
    assert [entry["after"] for entry in entries(migrated)] == [{"format": "csv"}, {"format": "jsonl"}]
    assert ".csv or .jsonl" in refused(lambda: audit.export(migrated, tmp_path / "log.txt"))
    assert "no folder" in refused(lambda: audit.export(migrated, tmp_path / "none" / "log.csv"))


def test_clients_come_and_go_and_each_secret_is_shown_once(migrated: Install) -> None:
    where = ("--redirect", "https://app.example.com/cb", "--scope", "openid")
    told = praxis(migrated, "client", "add-app", "planner", "A planner", *where, "--scope", "learning")
    secret = told.stdout.splitlines()[-1]
    assert len(secret) > 40
    assert "no secret" in praxis(migrated, "client", "add-app", "phone", "A phone", *where, "--public").stdout

    def app(client_id: str, redirect: str, scope: str) -> str:
        return refused(lambda: clients.add_app(migrated, client_id, "X", [redirect], [scope], is_public=False))

    def service(scope: str, unit: str | None = None) -> str:
        return refused(lambda: clients.add_service(migrated, "x", "X", [scope], unit))

    assert "already" in app("planner", "https://app.example.com/cb", "openid")
    assert "plain http only on this machine" in app("x", "http://evil.example", "openid")
    assert "no scope all" in app("x", "https://app.example.com/cb", "all")
    assert "A service may have" in service("learning")
    assert "No units have the code none" in service("reports", "none")
    assert "is disabled" in praxis(migrated, "client", "remove", "planner").stdout
    assert "no client nobody" in refused(lambda: clients.remove(migrated, "nobody"))
    listed = praxis(migrated, "client", "list").stdout
    kinds = {line.split()[0]: line for line in listed.splitlines()[1:]}
    assert {"disabled" in kinds["planner"], "public app" in kinds["phone"]} == {True}
    kept = entries(migrated)
    assert [(entry["action"], entry["target_id"]) for entry in kept] == [
        ("identity.client_added", "planner"),
        ("identity.client_added", "phone"),
        ("identity.client_disabled", "planner"),
    ]
    assert {entry["client_id"] for entry in kept} == {"praxis-operator"}
    assert kept[0]["user_agent"].startswith("praxis client add-app by ")
    assert secret not in repr(kept) + listed


def test_keys_are_rotated_and_that_is_recorded(migrated: Install) -> None:
    keys = SigningKeys(migrated.settings)
    before = keys.kids
    praxis(migrated, "keys", "rotate")
    kept = SigningKeys(migrated.settings).kids
    assert kept[1:] == before
    assert "everybody signs in again" in praxis(migrated, "keys", "rotate", "--now-only").stdout
    (only,) = SigningKeys(migrated.settings).kids
    assert only not in kept
    assert [(entry["action"], entry["target_id"]) for entry in entries(migrated)] == [
        ("identity.keys_rotated", kept[0]),
        ("identity.keys_rotated", only),
    ]
    assert praxis(migrated, "audit", "verify").returncode == 0


def test_an_operators_token_is_recorded_with_for_whom_and_as_what(migrated: Install) -> None:
    async def fill() -> tuple[str, str]:
        engine = make_engine(migrated.settings.database_url, pool_size=1)
        async with AsyncSession(engine) as session, session.begin():
            await make_org_unit(session)
            person = await make_person(session, "Ada Ito", roles=("creator",))
            made = str(person.id), str(person.email)
        await engine.dispose()
        return made

    person_id, email = apart(lambda: asyncio.run(fill()))
    token = praxis(migrated, "token", email).stdout.strip()
    assert praxis(migrated, "token", "Ada Ito", "--role", "officer").returncode == 0
    assert "Nobody is called" in refused(lambda: token_for(migrated, "No-one", None))
    all_roles, officer = entries(migrated)
    assert (all_roles["action"], all_roles["target_id"]) == ("identity.operator_token_made", person_id)
    assert all_roles["after"] == {"roles": ["creator", "employee", "manager"], "valid_s": 28800}
    assert officer["after"]["roles"] == ["officer"]
    assert token not in repr([all_roles, officer])

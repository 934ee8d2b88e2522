"""A REST system that pages, tells changes, and fails in each way that such systems fail, into a real Postgres."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import yaml

from api.core.settings import Settings
from pipelines.hr.connectors.base import Unreachable
from pipelines.hr.ingest import ingest
from pipelines.hr.mapping import MappingError
from tests.pipelines.hr.hr_system import HrSystem, hr_system

NUMBERS = itertools.count(1)


@pytest.fixture
def system() -> Iterator[HrSystem]:
    with hr_system() as system:
        for number in "12345":
            system.put(number)
        system.put("2", work={"email": "2@rest.example", "title": "Lead", "manager": "1"})
        yield system


@pytest.fixture
def source(settings: Settings, system: HrSystem) -> str:
    """A mapping file is all that it takes."""
    name = f"rest-{next(NUMBERS)}"
    (settings.home / "secrets").mkdir(exist_ok=True)
    (settings.home / "secrets" / "hr-client").write_text("right\n")
    auth = {
        "kind": "oauth2",
        "token_url": f"{system.url}/token",
        "client_id": "praxis",
        "client_secret": {"file": "hr-client"},
    }
    people = {
        "path": "people",
        "at": "data.items",
        "total": "meta.total",
        "paging": {"kind": "cursor", "next": "meta.next"},
    }
    changes = {"param": "since", "cursor": "meta.synced"}
    write(
        settings.hr_dir / name,
        {"kind": "rest", "url": system.url, "auth": auth, "records": {"people": people}, "changes": changes},
    )
    return name


def write(folder: Path, connector: dict) -> None:
    day = {"date": "%Y-%m-%d"}
    fields = {
        "employee_number": "id",
        "display_name": "name.full",
        "email": "work.email",
        "job_title": "work.title",
        "org_unit_code": "unit.code",
        "org_unit_name": "unit.name",
        "started_on": {"column": "hired", **day},
        "ended_on": {"column": "left", **day},
    }
    folder.mkdir(parents=True)
    mapping = {"connector": connector, "lines": "people", "fields": fields, "manager": {"column": "work.manager"}}
    (folder / "mapping.yml").write_text(yaml.safe_dump(mapping))


def one(settings: Settings, statement: str, *parameters: object) -> tuple:
    connection = psycopg2.connect(settings.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchone()  # type: ignore[return-value]
    finally:
        connection.close()


def cursor_of(settings: Settings, source: str) -> tuple:
    return one(settings, "select cursor, problem from hr_source where source = %s", source)


def test_everybody_comes_once_although_pages_are_throttled_torn_and_the_token_expires(
    settings: Settings, system: HrSystem, source: str
) -> None:
    system.faults = [None, 429, "torn", 401, 500]
    started = time.monotonic()
    outcome = ingest(settings, source)
    assert outcome is not None
    assert (outcome.status, outcome.counts["joined"], outcome.counts["refused"]) == ("applied", 5, 0)
    assert time.monotonic() - started >= 1, "Retry-After said one second"
    assert system.tokens > 1
    assert cursor_of(settings, source) == ("000006", None)


def test_afterwards_only_changes_are_asked_for_and_who_is_not_named_has_not_left(
    settings: Settings, system: HrSystem, source: str
) -> None:
    ingest(settings, source)
    assert ingest(settings, source) is None, "nothing new"
    system.put("3", left="2025-06-30")
    system.put("6")
    outcome = ingest(settings, source)
    assert outcome is not None
    assert (outcome.counts["joined"], outcome.counts["left"]) == (1, 1)
    assert "since=000006" in system.asked[-1]
    ended = one(settings, "select count(*), count(ended_on) from employment where source = %s", source)
    assert ended == (6, 1)
    assert cursor_of(settings, source) == ("000008", None)


def test_the_cursor_stays_where_it_was_until_what_it_leads_to_is_applied(
    settings: Settings, system: HrSystem, source: str
) -> None:
    ingest(settings, source)
    system.put("4", hired="soon")
    rejected = ingest(settings, source)
    assert rejected is not None
    assert (rejected.status, "hired 'soon' is no date" in (rejected.reason or "")) == ("rejected", True)
    assert cursor_of(settings, source)[0] == "000006"
    system.put("4", hired="2024-02-01")
    assert ingest(settings, source).status == "applied"  # type: ignore[union-attr]
    assert cursor_of(settings, source)[0] == "000008"


@pytest.mark.parametrize(
    ("faults", "announced", "problem"),
    [
        ([500] * 6, None, "answers 500, after 6 attempts"),
        ([404], None, "answers 404"),
        ([], 7, "told of 7 records and gave 5"),
        (["elsewhere"], None, "Expecting value"),
    ],
)
def test_a_system_that_does_not_answer_whole_changes_nothing_and_is_named(
    settings: Settings, system: HrSystem, source: str, faults: list, announced: int | None, problem: str, monkeypatch
) -> None:
    monkeypatch.setattr("pipelines.hr.connectors.rest.PAUSE_S", 0.001)
    system.faults, system.announced = faults, announced
    with pytest.raises(Unreachable, match=problem):
        ingest(settings, source)
    assert one(settings, "select count(*) from employment where source = %s", source) == (0,)
    cursor, told = cursor_of(settings, source)
    assert (cursor, problem in told) == (None, True)


def test_a_wrong_secret_says_where_to_look_and_a_secret_in_the_mapping_is_refused(
    settings: Settings, system: HrSystem, source: str
) -> None:
    secret = settings.home / "secrets" / "hr-client"
    secret.write_text("wrong")
    with pytest.raises(Unreachable, match=r"doesn't let us in \(401\)"):
        ingest(settings, source)
    secret.unlink()
    with pytest.raises(MappingError, match="hr-client can't be read"):
        ingest(settings, source)
    path = settings.hr_dir / source / "mapping.yml"
    path.write_text(path.read_text().replace("file: hr-client", "value: tops3cret"))
    with pytest.raises(MappingError, match="not the secret itself") as error:
        ingest(settings, source)
    assert "tops3cret" not in str(error.value)

"""Each vendor's connector and ready mapping against a server that speaks as the vendor documents it: pages, too many
requests, half a page, an expired token; then only what changed.
"""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.people.service import Roster
from pipelines.hr.connectors import asking, connector
from pipelines.hr.connectors.base import Connector, Place, Unreachable
from pipelines.hr.ingest import read_roster
from pipelines.hr.mapping import MAPPINGS, Mapping, MappingError
from tests.pipelines.hr.fakes import bamboohr, personio, successfactors, workday
from tests.pipelines.hr.vendor import Vendor, serving

FAKES = {"workday": workday, "bamboohr": bamboohr, "successfactors": successfactors, "personio": personio}
SECRETS = ("PRAXIS_WORKDAY_PASSWORD", "PRAXIS_BAMBOOHR_KEY", "PRAXIS_PERSONIO_SECRET")
MISBEHAVIOUR = ["429", "torn", "expired", "503"]


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSE_S", 0.0)
    for name in SECRETS:
        monkeypatch.setenv(name, "open sesame")


def made(kind: str, vendor: Vendor, home: Path, **options: Any) -> Connector:
    """As the ready mapping says, at another address."""
    folder = home / "hr" / kind
    folder.mkdir(parents=True, exist_ok=True)
    (home / "secrets").mkdir(exist_ok=True)
    (home / "secrets" / "successfactors.pem").write_text(successfactors.PRIVATE_KEY)
    told = yaml.safe_load((MAPPINGS / f"{kind}.yml").read_text())
    told["connector"] |= FAKES[kind].OPTIONS | {"url": FAKES[kind].address(vendor.url)} | options
    return connector(Place(kind, folder, Mapping.model_validate(told)))


def told_by(one: Connector, cursor: str | None = None) -> tuple[Roster, str]:
    delivery = one.fetch(cursor)
    assert delivery is not None
    assert delivery.cursor is not None
    return read_roster(delivery, one.place.mapping), delivery.cursor  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", FAKES)
def test_a_vendor_is_read_whole_however_it_misbehaves_and_then_only_its_changes(kind: str, tmp_path: Path) -> None:
    with serving(FAKES[kind].vendor()) as vendor:
        one = made(kind, vendor, tmp_path)
        vendor.faults = list(MISBEHAVIOUR)
        roster, cursor = told_by(one)
        assert vendor.faults == []
        assert roster.is_whole
        assert roster.refused == []
        people = {row.employee_number: row for row in roster.rows}
        assert sorted(people) == ["1", "2", "3", "4", "5"], "all pages, nobody twice"
        assert people["1"].display_name == "Ada Lovelace"
        assert (people["1"].manager_number, people["2"].manager_number) == (None, "1")
        assert (str(people["2"].started_on), str(people["3"].ended_on)) == ("2021-04-01", "2026-10-31")
        assert {unit.name for unit in roster.org_units} == {"Plant North", "Research"}
        if kind == "workday":
            assert one.fetch(cursor) is None, "the same report again is nothing new"
            one = made(kind, vendor, tmp_path, changed_since="Updated_From")
            cursor = told_by(one)[1]
        changes, _ = told_by(one, cursor)
        assert not changes.is_whole
        assert {row.employee_number for row in changes.rows} == {"2"}
        assert changes.rows[-1].job_title == "Head of Research"


@pytest.mark.parametrize("kind", ["bamboohr", "successfactors"])
def test_a_history_comes_as_one_line_a_stretch(kind: str, tmp_path: Path) -> None:
    with serving(FAKES[kind].vendor()) as vendor:
        roster, _ = told_by(made(kind, vendor, tmp_path))
    stretches = [(str(row.valid_from), row.job_title) for row in roster.rows if row.employee_number == "2"]
    assert stretches == [("2021-04-01", "Chemist"), ("2024-02-29", "Head of Research")]


def test_a_report_that_takes_too_long_is_asked_for_in_parts(tmp_path: Path) -> None:
    with serving(workday.vendor()) as vendor:
        parts = {"prompt": "Organization", "values": ["Plant North", "Research"]}
        roster, _ = told_by(made("workday", vendor, tmp_path, parts=parts))
        assert len(roster.rows) == 5
        assert [asked.query["Organization"] for asked in vendor.asked if asked.method == "GET"] == parts["values"]


def test_somebody_deleted_at_bamboohr_makes_it_a_whole_delivery(tmp_path: Path) -> None:
    with serving(bamboohr.vendor(deleted="5")) as vendor:
        one = made("bamboohr", vendor, tmp_path)
        _, cursor = told_by(one)
        assert told_by(one, cursor)[0].is_whole


@pytest.mark.parametrize("kind", FAKES)
def test_a_vendor_that_never_answers_whole_gives_nothing_and_says_why(kind: str, tmp_path: Path) -> None:
    with serving(FAKES[kind].vendor()) as vendor:
        vendor.faults = ["torn"] * asking.ATTEMPTS
        with pytest.raises(Unreachable, match=r"(cut off|ProtocolError).*6 times"):
            made(kind, vendor, tmp_path).fetch(None)


def test_a_refused_secret_is_said_at_once_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PRAXIS_PERSONIO_SECRET", "guessed wrong")
    with serving(personio.vendor()) as vendor, pytest.raises(Unreachable, match="check its client and secret") as told:
        made("personio", vendor, tmp_path).fetch(None)
    assert "guessed" not in str(told.value)
    assert len(vendor.asked) == 1


def test_a_page_at_another_host_is_not_asked_with_our_token(tmp_path: Path) -> None:
    bad = bamboohr.vendor(elsewhere="https://evil.example")
    with serving(bad), pytest.raises(Unreachable, match=r"another host: evil\.example"):
        made("bamboohr", bad, tmp_path).fetch(None)


def test_a_field_that_bamboohr_hides_from_us_is_not_taken_for_empty(tmp_path: Path) -> None:
    shy = bamboohr.vendor(hidden="terminationDate")
    with serving(shy), pytest.raises(Unreachable, match="hides terminationDate from the key"):
        made("bamboohr", shy, tmp_path).fetch(None)


def test_a_mapping_with_the_secret_itself_is_refused_without_repeating_it(tmp_path: Path) -> None:
    with serving(bamboohr.vendor()) as vendor, pytest.raises(MappingError, match="not the secret itself") as told:
        made("bamboohr", vendor, tmp_path, key="hunter2")
    assert "hunter2" not in str(told.value)

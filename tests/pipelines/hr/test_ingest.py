"""HR files, good and bad, through the real ingest into a real Postgres."""

import csv
import os
import shutil
import time
from datetime import date
from pathlib import Path

import dagster as dg
import psycopg2
import pytest

from api.core.settings import Settings
from api.people.service import ImportOutcome, reject_import
from pipelines.hr.assets import EMPLOYEES, employees, hr_file_arrived
from pipelines.hr.ingest import approve, connected, in_transaction, ingest, read_roster
from pipelines.hr.managers import node_of
from pipelines.hr.mapping import MappingError, load_mapping

HEADER = (
    "employee_number,name,email,job_title,org_unit_code,org_unit_name,org_unit_parent_code,"
    "manager_number,location,country,cost_center,started_on,ended_on"
)


def line(number: str, manager: str = "", *, name: str = "Ann Lee", start: str = "2024-01-01", end: str = "") -> str:
    return f"{number},{name},{number}@example.com,Engineer,it,IT,,{manager},Berlin,DE,,{start},{end}"


@pytest.fixture
def drop(settings: Settings):
    """Writes a quiet file into the folder of a source of its own for each test; returns the outcome of the ingest."""
    folder = settings.hr_dir / f"source-{time.monotonic_ns()}"
    folder.mkdir(parents=True)
    shutil.copyfile(Path("pipelines/hr/mappings/demo.yml").resolve(), folder / "mapping.yml")

    def give(*lines: str, day: str = "2026-03-01", header: str = HEADER, encoding: str = "utf-8") -> ImportOutcome:
        path = folder / f"people-{day}.csv"
        own = [text.replace("@example.com", f"@{folder.name}.example") for text in lines]
        path.write_bytes("\n".join([header, *own]).encode(encoding))
        os.utime(path, (time.time() - 60, time.time() - 60))
        outcome = ingest(settings, folder.name)
        assert outcome is not None
        return outcome

    give.folder = folder  # type: ignore[attr-defined]
    return give


def query(settings: Settings, statement: str, *parameters: object) -> list[tuple]:
    connection = psycopg2.connect(settings.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall()
    finally:
        connection.close()


def employed(settings: Settings, source: str) -> int:
    return query(settings, "select count(*) from employment where source = %s", source)[0][0]


COMPANY = (line("1"), line("2", "1"), line("3", "2"))


def test_a_good_file_is_applied_and_the_same_again_changes_nothing(drop) -> None:
    first = drop(*COMPANY)
    assert (first.status, first.counts["joined"]) == ("applied", 3)
    assert drop(*COMPANY).import_id == first.import_id


@pytest.mark.parametrize(
    ("header", "lines", "encoding", "reason"),
    [
        (HEADER.replace(",email", ""), [], "utf-8", "is empty"),
        (HEADER, [], "utf-8", "is empty"),
        ("", [], "utf-8", "is empty"),
        (HEADER.replace("job_title", "role"), [line("1")], "utf-8", "column 'job_title' is missing; the file has"),
        (HEADER, [line("1"), line("2", name="Zoë Ünal")], "latin-1", "line 3: not utf-8-sig (byte 0xeb)"),
        (HEADER, [line("1"), "2,short"], "utf-8", "line 3: not 13 columns as in the header"),
        (HEADER, [line("1", start="soon")], "utf-8", "no line can be used; the first: started_on 'soon' is no date"),
        (HEADER, [line("1")], "utf-16", "not utf-8-sig"),
    ],
)
def test_an_unusable_file_is_rejected_with_the_place_and_nothing_is_applied(
    drop, settings: Settings, header: str, lines: list[str], encoding: str, reason: str
) -> None:
    outcome = drop(*lines, header=header, encoding=encoding)
    assert outcome.status == "rejected"
    assert reason in (outcome.reason or "")
    assert employed(settings, drop.folder.name) == 0


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ([line("9", start="")], "started_on is missing"),
        ([line("9", start="2024-02-30")], "started_on '2024-02-30' is no date like %Y-%m-%d"),
        ([line("9", end="2020-01-01")], "the end lies before the start"),
        ([line("9", name="")], "display_name is missing"),
        ([line("9").replace("9@example.com", "nonsense")], "email is not an e-mail address"),
        ([line("9"), line("9", name="Bo Ito")], "the employee number stands on several lines"),
    ],
)
def test_a_bad_line_goes_to_quarantine_and_the_others_are_applied(
    drop, settings: Settings, bad: list[str], reason: str
) -> None:
    outcome = drop(*COMPANY, *bad)
    assert (outcome.status, outcome.counts["joined"], outcome.counts["refused"]) == ("applied", 3, len(bad))
    found = query(settings, "select line, reason from hr_quarantine where import_id = %s", str(outcome.import_id))
    assert [number for number, _ in found] == list(range(5, 5 + len(bad)))
    assert all(reason in why for _, why in found)
    with (drop.folder / "quarantine" / "people-2026-03-01.csv").open(encoding="utf-8-sig") as file:
        assert {row["employee_number"] for row in csv.DictReader(file)} == {"9"}


def test_the_same_line_twice_is_one_person(drop) -> None:
    assert drop(*COMPANY, COMPANY[2]).counts["joined"] == 3


def test_an_unknown_manager_is_reported_and_the_person_is_kept(drop, settings: Settings) -> None:
    outcome = drop(*COMPANY, line("4", "999"))
    assert (outcome.counts["joined"], outcome.counts["refused"]) == (4, 0)
    remarks = query(settings, "select reason, is_kept from hr_quarantine where import_id = %s", str(outcome.import_id))
    assert remarks == [("manager unknown: there is no employee number '999'", True)]


def test_a_circle_among_people_who_never_were_here_stops_the_first_load(drop, settings: Settings) -> None:
    outcome = drop(line("1"), line("2", "3"), line("3", "2"))
    assert (outcome.status, "New manager circle: 2 -> 3 -> 2." in (outcome.reason or "")) == ("held", True)
    assert employed(settings, drop.folder.name) == 0


def test_an_older_file_after_a_newer_one_tells_of_the_past_and_nobody_leaves_by_it(drop) -> None:
    drop(*COMPANY, day="2026-03-05")
    for path in drop.folder.glob("*.csv"):
        path.unlink()
    outcome = drop(*COMPANY[:2], day="2026-03-01")
    assert (outcome.status, outcome.counts["left"]) == ("applied", 0)


def test_a_file_that_is_still_being_written_is_left_alone(drop, settings: Settings) -> None:
    (drop.folder / "people-2026-03-01.csv").write_text(f"{HEADER}\n{line('1')}\n")
    assert ingest(settings, drop.folder.name) is None


def test_a_folder_without_a_mapping_says_how_to_write_one(settings: Settings) -> None:
    (settings.hr_dir / "nobody").mkdir(parents=True, exist_ok=True)
    with pytest.raises(MappingError, match=r"mapping\.yml, docs/hr\.md shows how"):
        load_mapping(settings.hr_dir / "nobody")
    (settings.hr_dir / "nobody").rmdir()


def test_the_sensor_asks_for_one_run_for_each_new_content(drop, settings: Settings) -> None:
    drop(*COMPANY)
    with dg.build_sensor_context(resources={"settings": settings}) as context:
        result = hr_file_arrived(context)
    keys = [request.run_key for request in result.run_requests if request.run_key.startswith(drop.folder.name)]
    assert len(keys) == 1


def test_dagster_applies_a_file_and_fails_for_one_that_cannot_be_used(drop, settings: Settings) -> None:
    drop(*COMPANY)
    configuration = {"ops": {EMPLOYEES.to_python_identifier(): {"config": {"sources": [drop.folder.name]}}}}
    result = dg.materialize([employees], resources={"settings": settings}, run_config=configuration)
    assert result.success
    (drop.folder / "people-2026-04-01.csv").write_text(f"{HEADER}\n")
    os.utime(drop.folder / "people-2026-04-01.csv", (0, 0))
    failed = dg.materialize(
        [employees], resources={"settings": settings}, run_config=configuration, raise_on_error=False
    )
    assert not failed.success
    by = query(settings, "select action, client_id from audit_entry order by seq desc limit 1")
    assert by == [("people.roster_rejected", "praxis-pipelines")], "Dagster did it, nobody asked"


@pytest.mark.parametrize(
    ("text", "steps"), [("0x58", (1,)), ("0x5AC0", (1, 1)), ("0x5AD6", (1, 1, 1)), ("0x84", (4,)), ("0x7C20", (3, 4))]
)
def test_a_hierarchyid_is_its_steps_from_the_root(text: str, steps: tuple[int, ...]) -> None:
    assert node_of(text) == steps


def real(shared_data: Path, settings: Settings, source: str) -> Path:
    folder = settings.hr_dir / source
    shutil.copytree(shared_data / "hr" / source, folder, dirs_exist_ok=True)
    for path in folder.glob("*.csv"):
        os.utime(path, (time.time() - 60, time.time() - 60))
    return folder


def test_huebners_311_people_are_all_there_and_16_of_21_managers_are_found(
    shared_data: Path, settings: Settings
) -> None:
    folder = real(shared_data, settings, "huebner")
    outcome = ingest(settings, "huebner")
    assert outcome is not None
    assert (outcome.status, outcome.counts["joined"], outcome.counts["refused"]) == ("applied", 311, 0)
    with (folder / "HRDataset_v14.csv").open(encoding="utf-8-sig") as file:
        raw = list(csv.DictReader(file))
    managers = query(
        settings,
        "select count(distinct v.manager_id) from employment_version v join employment e on e.id = v.employment_id"
        " where e.source = 'huebner'",
    )
    assert managers[0][0] == 16
    units = query(settings, "select name from org_unit where source = 'huebner'")
    assert {name for (name,) in units} == {row["Department"].strip() for row in raw}
    ended = query(settings, "select count(*) from employment where source = 'huebner' and ended_on is not null")
    assert ended[0][0] == sum(bool(row["DateofTermination"]) for row in raw)


def test_adventureworks_290_people_have_their_moves_and_one_top(shared_data: Path, settings: Settings) -> None:
    folder = real(shared_data, settings, "adventureworks")
    roster = read_roster(connected(settings, "adventureworks").fetch(None), load_mapping(folder))  # type: ignore[arg-type]
    outcome = ingest(settings, "adventureworks")
    assert outcome is not None
    assert (outcome.counts["joined"], outcome.counts["refused"], roster.refused) == (290, 0, [])
    versions = query(
        settings,
        "select e.employee_number, v.valid_from, v.valid_to, u.name, v.manager_id is null from employment_version v"
        " join employment e on e.id = v.employment_id join org_unit u on u.id = v.org_unit_id"
        " where e.source = 'adventureworks' and v.superseded_at is null order by v.valid_from",
    )
    assert len(versions) == 296
    assert [v[3] for v in versions if v[0] == "250"] == ["Marketing", "Quality Assurance", "Purchasing"]
    assert {number for number, *_, is_top in versions if is_top} == {"1"}
    assert all(v[1] >= date(2006, 1, 1) for v in versions)


def test_what_was_held_is_applied_as_it_came_though_other_files_lie_there_by_now(drop, settings: Settings) -> None:
    everybody = [line("1"), *(line(str(n), "1") for n in range(2, 41))]
    drop(*everybody)
    held = drop(*everybody[:10], line("9b", "999"), day="2026-03-02")
    assert held.status == "held"
    drop.folder.joinpath("people-2026-03-02.csv").unlink()
    approved = approve(settings, held.import_id)
    assert (approved.status, approved.counts["left"], approved.counts["joined"]) == ("applied", 30, 1)
    found = query(settings, "select reason from hr_quarantine where import_id = %s", str(held.import_id))
    assert found == [("manager unknown: there is no employee number '999'",)]
    assert approve(settings, held.import_id) == approved, "twice is once"


def test_a_rejected_import_is_never_applied(drop, settings: Settings) -> None:
    everybody = [line("1"), *(line(str(n), "1") for n in range(2, 41))]
    drop(*everybody)
    held = drop(*everybody[:10], day="2026-03-02")
    in_transaction(settings, lambda session: reject_import(session, held.import_id))
    outcome = ingest(settings, drop.folder.name)
    assert outcome is not None
    assert outcome.status == "rejected"


def test_an_address_that_two_people_share_is_nobodys_and_both_people_are_kept(drop, settings: Settings) -> None:
    shared = [
        text.replace(f"{number}@example.com", "desk@example.com")
        for number, text in zip("23", COMPANY[1:], strict=True)
    ]
    outcome = drop(COMPANY[0], *shared)
    assert (outcome.status, outcome.counts["joined"], outcome.counts["refused"]) == ("applied", 3, 0)
    found = query(
        settings, "select line, reason, is_kept from hr_quarantine where import_id = %s", str(outcome.import_id)
    )
    assert sorted((number, kept) for number, _, kept in found) == [(3, True), (4, True)]
    assert all("share the address desk@" in reason for _, reason, _ in found)

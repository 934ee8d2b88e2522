"""The same files from a real SFTP server and from a real S3, CSV and Parquet, through the real ingest."""

import io
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
import yaml

from api.core.settings import Settings
from pipelines.hr.assets import hr_file_arrived, hr_system_due
from pipelines.hr.connectors.base import Unreachable, UnusableFile
from pipelines.hr.ingest import connected, ingest
from pipelines.hr.mapping import MappingError, load_mapping
from pipelines.hr.reading import read_content
from tests.s3 import BUCKET, KEY, SECRET, s3_server
from tests.sftp import PASSWORD, USER, SftpServer, sftp_server

PEOPLE = pl.DataFrame(
    {
        "employee_number": ["1", "2", "3"],
        "name": ["Ann Lee", "Bo Ito", "Cy Ode"],
        "job_title": ["Engineer"] * 3,
        "unit": ["IT"] * 3,
        "started_on": pl.Series(["2024-01-01", "2024-02-29", "2025-05-05"]).str.to_date(),
        "ended_on": pl.Series([None, None, None], dtype=pl.Date),
        "manager_number": [None, "1", "1"],
    }
)


def mapping(settings: Settings, source: str, **connector: object) -> Path:
    day = {"date": "%Y-%m-%d"}
    names = {"employee_number": "employee_number", "display_name": "name", "job_title": "job_title"}
    units = {"org_unit_code": "unit", "org_unit_name": "unit"}
    days = {name: {"column": name, **day} for name in ("started_on", "ended_on")}
    told = {
        "connector": {"quiet_s": 0.05, **connector},
        "files": {"people": "people*"},
        "lines": "people",
        "fields": {**names, **units, **days},
        "manager": {"column": "manager_number"},
    }
    folder = settings.hr_dir / source
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mapping.yml").write_text(yaml.safe_dump(told))
    for name, value in {"store-password": PASSWORD, "s3-key": KEY, "s3-secret": SECRET}.items():
        (settings.home / "secrets").mkdir(exist_ok=True)
        (settings.home / "secrets" / name).write_text(value)
    return folder


@pytest.fixture(scope="module")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sftp")


@pytest.fixture(scope="module")
def sftp(outbox: Path) -> Iterator[SftpServer]:
    with sftp_server(outbox) as server:
        yield server


def due(settings: Settings, source: str) -> list[str]:
    """What the sensors ask for: a file here and a file elsewhere are each one sensor's alone."""
    with dg.build_sensor_context(resources={"settings": settings}) as context:
        here = hr_file_arrived(context).run_requests or []
        elsewhere = hr_system_due(context).run_requests or []
    assert not [request for request in here if request.run_key.startswith(source)]
    return [request.run_key for request in elsewhere if request.run_key.startswith(source)]


def test_files_of_an_sftp_server_are_applied_and_a_new_one_is_seen_at_a_glance(
    settings: Settings, outbox: Path, sftp: SftpServer
) -> None:
    way_in = {"host": "127.0.0.1", "port": sftp.port, "user": USER, "password": {"file": "store-password"}}
    mapping(settings, "by-sftp", kind="sftp", folder="/out", host_keys=[sftp.host_key], **way_in)
    with pytest.raises(Unreachable, match="/out"):
        ingest(settings, "by-sftp")
    (outbox / "out").mkdir()
    assert ingest(settings, "by-sftp") is None, "nothing lies there yet"
    PEOPLE.write_csv(outbox / "out" / "people-2026-03-01.csv")
    first = due(settings, "by-sftp")
    assert len(first) == 1
    outcome = ingest(settings, "by-sftp")
    assert outcome is not None
    assert (outcome.status, outcome.counts["joined"]) == ("applied", 3)
    assert due(settings, "by-sftp") == first
    PEOPLE.head(2).write_parquet(outbox / "out" / "people-2026-03-02.parquet")
    assert due(settings, "by-sftp") != first
    outcome = ingest(settings, "by-sftp")
    assert outcome is not None
    assert (outcome.counts["left"], outcome.counts["unchanged"]) == (1, 2), "Parquet says the same as CSV"


def test_a_server_with_another_key_or_a_wrong_password_gets_and_gives_nothing(
    settings: Settings, sftp: SftpServer
) -> None:
    way_in = {"kind": "sftp", "host": "127.0.0.1", "port": sftp.port, "user": USER}
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    mapping(settings, "forged", host_keys=[other], password={"file": "store-password"}, **way_in)
    with pytest.raises(Unreachable, match="is none of host_keys"):
        ingest(settings, "forged")
    mapping(settings, "forged", host_keys=[sftp.host_key], password={"file": "s3-key"}, **way_in)
    with pytest.raises(Unreachable, match="Authentication failed"):
        ingest(settings, "forged")
    mapping(settings, "forged", host_keys=[sftp.host_key], password=PASSWORD, **way_in)
    with pytest.raises(MappingError, match="not the secret itself"):
        connected(settings, "forged")
    shutil.rmtree(settings.hr_dir / "forged")


def test_files_of_an_s3_bucket_are_applied(settings: Settings, tmp_path: Path) -> None:
    with s3_server(tmp_path / "s3") as url:
        way_in = {"bucket": BUCKET, "key": {"file": "s3-key"}, "secret": {"file": "s3-secret"}}
        mapping(settings, "by-s3", kind="s3", prefix="hr/out", endpoint_url=url, **way_in)
        assert ingest(settings, "by-s3") is None, "nothing lies there yet"
        store = connected(settings, "by-s3")
        content = io.BytesIO()
        PEOPLE.write_parquet(content)
        with store._files() as fs:  # type: ignore[attr-defined]
            fs.pipe_file(f"{BUCKET}/hr/out/people-2026-03-01.parquet", content.getvalue())
        assert len(due(settings, "by-s3")) == 1
        outcome = ingest(settings, "by-s3")
        assert outcome is not None
        assert (outcome.status, outcome.counts["joined"]) == ("applied", 3)
    with pytest.raises(Unreachable, match=f"S3 {BUCKET}/hr/out"):
        ingest(settings, "by-s3")
    shutil.rmtree(settings.hr_dir / "by-s3")


def test_parquet_says_what_csv_says_and_what_it_cannot_say_is_refused(settings: Settings) -> None:
    told = load_mapping(mapping(settings, "parquet", kind="folder"))

    def read(frame: pl.DataFrame) -> pl.DataFrame:
        content = io.BytesIO()
        frame.write_parquet(content)
        return read_content("people", content.getvalue(), told)

    csv = read_content("people", PEOPLE.write_csv().encode(), told)
    assert read(PEOPLE).drop("__line").equals(csv.drop("__line"))
    assert csv["__line"].to_list() == [2, 3, 4]
    with pytest.raises(UnusableFile, match="is empty"):
        read(PEOPLE.head(0))
    with pytest.raises(UnusableFile, match="'unit' holds lists"):
        read(PEOPLE.with_columns(unit=pl.lit([["a"]])))
    with pytest.raises(UnusableFile, match="not Parquet"):
        read_content("people", b"PAR1 and then nothing", told)


def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_time(settings: Settings, monkeypatch) -> None:
    folder = mapping(settings, "growing", kind="folder")
    path = folder / "people-2026-03-01.csv"
    PEOPLE.write_csv(path)
    os.utime(path, (time.time() - 60, time.time() - 60))
    source = connected(settings, "growing")
    monkeypatch.setattr(source, "_read", lambda fs, name: (path.write_bytes(path.read_bytes()[:40]), b"")[1])
    assert source.fetch(None) is None

"""Scheduled reports in Dagster: the sensor that starts a run, and files brought to a real SFTP server and a real S3."""

import asyncio
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import fsspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from api.reports.schedule_targets import TargetsMisconfigured, targets
from api.reports.service import Undelivered
from pipelines import schedules
from pipelines.schedules import drop, reports_due, send_reports
from tests.factories import make_person
from tests.s3 import BUCKET, KEY, SECRET, s3_server
from tests.sftp import PASSWORD, USER, SftpServer, sftp_server

TARGETS = """
plant: {{kind: sftp, host: 127.0.0.1, port: {port}, user: {user}, password: {{file: plant}}, host_keys: ["{key}"],
  folder: out/reports}}
strange: {{kind: sftp, host: 127.0.0.1, port: {port}, user: {user}, password: {{file: plant}}, host_keys: [
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]}}
bucket: {{kind: s3, bucket: {bucket}, prefix: reports/, endpoint_url: "{s3}", key: {{file: key}},
  secret: {{file: secret}}}}
unsaid: {{kind: s3, bucket: {bucket}, key: typed-in}}
"""


@pytest.fixture(scope="module")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sftp")


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as address:
        yield address


@pytest.fixture(scope="module")
def named(settings: Settings, outbox: Path, s3: str) -> Iterator[SftpServer]:
    with sftp_server(outbox) as server:
        told = {"port": server.port, "key": server.host_key, "user": USER, "bucket": BUCKET, "s3": s3}
        (settings.home / "report-targets.yml").write_text(TARGETS.format(**told))
        (settings.home / "secrets").mkdir(exist_ok=True)
        for name, value in {"plant": PASSWORD, "key": KEY, "secret": SECRET}.items():
            (settings.home / "secrets" / name).write_text(value)
        yield server


def test_a_file_is_brought_to_an_sftp_server_and_to_a_bucket_and_a_second_attempt_overwrites_it(
    settings: Settings, named: SftpServer, outbox: Path, s3: str, tmp_path: Path
) -> None:
    file = tmp_path / "made"
    known = targets(settings)
    for content in (b"first", b"the whole of it"):
        file.write_bytes(content)
        for target in ("plant", "bucket"):
            drop(settings, known[target], file, "overdue-1.csv")
    folder = outbox / "out" / "reports"
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {"overdue-1.csv": content}
    fs = fsspec.filesystem("s3", key=KEY, secret=SECRET, client_kwargs={"endpoint_url": s3})
    assert fs.cat_file(f"{BUCKET}/reports/overdue-1.csv") == content


def test_a_target_that_is_strange_or_wrongly_told_gets_nothing_and_says_why(
    settings: Settings, named: SftpServer, tmp_path: Path
) -> None:
    file = tmp_path / "made"
    file.write_bytes(b"of people")
    known = targets(settings)
    with pytest.raises(Undelivered, match="is none of host_keys"):
        drop(settings, known["strange"], file, "x.csv")
    with pytest.raises(Undelivered, match="not the secret itself") as refused:
        drop(settings, known["unsaid"], file, "x.csv")
    assert "typed-in" not in str(refused.value)
    path = settings.home / "report-targets.yml"
    told = path.read_text()
    try:
        path.write_text("mail: {kind: sftp}")
        with pytest.raises(TargetsMisconfigured, match="is no name"):
            targets(settings)
        path.write_text("plant: {password: 'not to be told")
        with pytest.raises(TargetsMisconfigured) as wrong:
            targets(settings)
        assert "not to be told" not in str(wrong.value)
    finally:
        path.write_text(told)


def test_the_sensor_starts_a_run_once_something_is_due_and_the_run_orders_the_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker is there that would make the file."""
    monkeypatch.setattr(schedules, "PATIENCE_S", 0.0)
    with dg.build_sensor_context(resources={"settings": settings}, instance=dg.DagsterInstance.ephemeral()) as context:
        assert isinstance(reports_due(context), dg.SkipReason)
        _make_due(settings)
        assert isinstance(reports_due(context), dg.RunRequest)
    result = send_reports.execute_in_process(resources={"settings": settings})
    assert result.success
    states = asyncio.run(_values(settings, "select state from report_run"))
    assert states == ["waiting"]
    assert asyncio.run(_values(settings, "select state from report_delivery")) == ["waiting"]
    with dg.build_sensor_context(resources={"settings": settings}, instance=dg.DagsterInstance.ephemeral()) as context:
        assert isinstance(reports_due(context), dg.SkipReason), "the worker is at it"


def _make_due(settings: Settings) -> None:
    async def make() -> None:
        engine = make_engine(settings.database_url, pool_size=1)
        async with AsyncSession(engine) as session, session.begin():
            person = await make_person(session, "Lead")
            row = {"id": uuid.uuid4(), "person": person.id, "due": datetime.now(UTC) - timedelta(minutes=1)}
            await session.execute(
                text(
                    "insert into report_schedule (id, account_id, roles, name, question, every, at, time_zone,"
                    " recipients, targets, next_at) values (:id, :person, '{employee,manager}', 'Mine', '{}', 'daily',"
                    " '07:00', 'UTC', array[:person]::uuid[], '{}', :due)"
                ),
                row,
            )
        await engine.dispose()

    asyncio.run(make())


async def _values(settings: Settings, query: str) -> list[str]:
    engine = make_engine(settings.database_url, pool_size=1)
    async with engine.connect() as connection:
        found = list((await connection.execute(text(query))).scalars())
    await engine.dispose()
    return found

"""The nightly proof as Dagster runs it."""

import dagster as dg
import psycopg2
import pytest

from api.core.settings import Settings
from pipelines.audit import prove_audit_log
from tests.api.identity.logs import GUARDED, UNGUARDED

WRITE = "insert into audit_entry (action, target_type) select 'a.b', 'x' from generate_series(1, 3)"


def run(settings: Settings, *statements: str) -> None:
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_each_night_a_head_is_signed_and_a_changed_entry_fails_the_run(settings: Settings) -> None:
    resources = {"settings": settings}
    run(settings, WRITE)
    assert prove_audit_log.execute_in_process(resources=resources).success
    assert len((settings.home / "audit" / "heads.jsonl").read_text().splitlines()) == 1
    run(settings, UNGUARDED, "update audit_entry set note = 'x' where seq = 2", *GUARDED)
    with pytest.raises(dg.Failure, match="entry 2 was changed"):
        prove_audit_log.execute_in_process(resources=resources)
    assert len((settings.home / "audit" / "heads.jsonl").read_text().splitlines()) == 1

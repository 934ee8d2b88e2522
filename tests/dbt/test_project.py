"""The dbt project as it is built: every column explained, every rule with inline rows, a bad fact refused."""

import json
import uuid
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from api.core import lake
from api.core.settings import Settings
from pipelines import dbt_runner
from pipelines.dbt_runner import DbtFailed
from pipelines.lake.export import export_events

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture(scope="module")
def built(settings: Settings) -> None:
    """An install in which nothing has happened yet: everything builds, and every test of the data passes."""
    export_events(settings)
    list(dbt_runner.build(settings))


def manifest(settings: Settings) -> dict[str, Any]:
    return json.loads(dbt_runner.manifest(settings).read_text())


def models(settings: Settings) -> list[dict[str, Any]]:
    return [node for node in manifest(settings)["nodes"].values() if node["resource_type"] == "model"]


def compiled(settings: Settings, model: dict[str, Any]) -> str:
    folder = settings.home / "dbt" / "target" / "compiled" / "praxis"
    return (folder / Path(model["original_file_path"])).read_text()


def test_every_column_of_every_model_is_documented(settings: Settings) -> None:
    list(dbt_runner.events(settings, ["compile", "--quiet"]))
    differences = {}
    with lake.connect(settings, read_only=True) as duck:
        duck.execute(f"attach '{settings.database_url}' as core_db (type postgres, read_only)")
        for model in models(settings):
            is_told = {name for name, column in model["columns"].items() if column["description"].strip()}
            is_there = {row[0] for row in duck.execute(f"describe ({compiled(settings, model)})").fetchall()}
            if is_told != is_there:
                differences[model["name"]] = is_told ^ is_there
    assert not differences


def test_every_model_tells_its_grain(settings: Settings) -> None:
    assert not [model["name"] for model in models(settings) if not model["description"].startswith("One row")]


def test_every_table_has_a_key_that_is_unique(settings: Settings) -> None:
    tested = {
        node["attached_node"]
        for node in manifest(settings)["nodes"].values()
        if node["resource_type"] == "test" and node["test_metadata"]["name"] == "unique"
    }
    tables = {node["unique_id"] for node in models(settings) if node["config"]["materialized"] != "ephemeral"}
    assert tables <= tested


def test_every_model_with_branches_holds_on_inline_rows(settings: Settings) -> None:
    list(dbt_runner.events(settings, ["test", "--select", "test_type:unit"]))
    covered = {test["model"] for test in manifest(settings)["unit_tests"].values()}
    branching = {
        model["name"]
        for model in models(settings)
        if model["config"]["materialized"] != "ephemeral"
        and any(word in model["raw_code"] for word in ("case", "qualify", "left join", "coalesce", "greatest"))
    }
    assert branching <= covered


def test_a_fact_about_nobody_fails_the_build_by_name(settings: Settings) -> None:
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into event (id, type, subject_id, payload, occurred_at)"
            " values (uuidv7(), 'learning.enrolled', %s, jsonb_build_object('enrollment_id', uuidv7()), now())",
            (str(uuid.uuid4()),),
        )
    export_events(settings)
    with pytest.raises(DbtFailed, match="relationships_fct_enrollment_person_id"):
        list(dbt_runner.build(settings))

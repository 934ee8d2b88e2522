"""What Dagster is told: every asset, job and schedule loads, and a whole first pass runs."""

import json
import uuid

import dagster as dg
import psycopg2
import pytest

from api.core import lake
from api.core.settings import Settings
from pipelines.definitions import defs
from pipelines.jobs import export_each_minute
from pipelines.lake.assets import EVENTS

EMPLOYEES = dg.AssetKey(["hr", "employees"])


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    """Everything, of an install of its own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PRAXIS_HOME", str(settings.home))
        environment.setenv("PRAXIS_DATABASE_URL", settings.database_url)
        loaded = defs()
    return dg.Definitions.merge(loaded)


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRAXIS_HOME", str(settings.home))
    monkeypatch.setenv("PRAXIS_DATABASE_URL", settings.database_url)


def enroll(settings: Settings) -> str:
    """A person and a course that somebody enrolled in: the fact alone."""
    ids = {name: str(uuid.uuid4()) for name in ("person", "course", "version", "enrollment")}
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("insert into person (id, display_name) values (%s, 'Ada')", (ids["person"],))
        cursor.execute(
            "insert into course (id, slug, owner_id) values (%s, %s, %s)", (ids["course"],) * 2 + (ids["person"],)
        )
        cursor.execute(
            "insert into course_version (id, course_id, number, title, summary, category, difficulty, duration_min)"
            " values (%s, %s, 1, 'Law', '', 'Law', 'beginner', 5)",
            (ids["version"], ids["course"]),
        )
        payload = {f"{name}_id": ids[name] for name in ("course", "version", "enrollment")}
        cursor.execute(
            "insert into event (id, type, subject_id, payload, occurred_at)"
            " values (uuidv7(), 'learning.enrolled', %s, %s, now())",
            (ids["person"], json.dumps(payload)),
        )
    return ids["enrollment"]


def test_everything_loads(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)
    jobs = {job.name for job in definitions.resolve_all_job_defs()}
    assert {
        "export_events",
        "build_marts",
        "first_pass",
        "nightly_maintenance",
        "import_people",
        "prove_audit_log",
    } <= jobs


def test_models_stand_behind_what_fills_their_sources(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    assert EMPLOYEES in graph.get(dg.AssetKey("dim_employment")).parent_keys
    assert EVENTS in graph.get(dg.AssetKey("stg_lake__learning_event")).parent_keys
    assert graph.get(dg.AssetKey("rpt_team_progress")).group_name == "marts"
    undescribed = [key for key in graph.materializable_asset_keys if not graph.get(key).description]
    assert not undescribed


def test_whoever_writes_to_the_lake_waits_for_the_others(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    writers = [key for key in graph.materializable_asset_keys if key != EMPLOYEES]
    assert {pool for key in writers for pool in graph.get(key).pools} == {"lake"}


@pytest.mark.usefixtures("environment")
def test_the_first_pass_fills_the_marts_and_the_next_build_reports_each_check(
    settings: Settings, definitions: dg.Definitions
) -> None:
    enrollment_id = enroll(settings)
    with dg.instance_for_test() as instance, dg.build_schedule_context(instance=instance) as context:
        result = definitions.resolve_job_def("first_pass").execute_in_process(instance=instance)
        build = definitions.resolve_job_def("build_marts").execute_in_process(instance=instance)
        checks = build.get_asset_check_evaluations()
        idle = export_each_minute(context, settings=settings)
        enroll(settings)
        busy = export_each_minute(context, settings=settings)
    assert result.success
    assert len(checks) > 50
    assert all(check.passed for check in checks)
    assert isinstance(idle, dg.SkipReason), "nothing new: no run"
    assert isinstance(busy, dg.RunRequest)
    with lake.connect(settings, read_only=True) as duck:
        assert duck.execute("select enrollment_id from lake.marts.fct_enrollment").fetchall() == [(enrollment_id,)]


@pytest.mark.usefixtures("environment")
def test_one_model_can_be_built_alone(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("build_marts")
    result = job.execute_in_process(
        instance=dg.DagsterInstance.ephemeral(), asset_selection=[dg.AssetKey("dim_course")], raise_on_error=True
    )
    assert [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()] == ["dim_course"]

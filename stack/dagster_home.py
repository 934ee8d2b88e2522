"""DAGSTER_HOME: storage in Postgres, one code server for all of Dagster's processes, nothing sent anywhere."""

from stack.install import Install

INSTANCE = """\
# Written by every `praxis up`.
storage:
  postgres:
    postgres_url:
      env: DAGSTER_POSTGRES_URL
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 3
  pools:
    default_limit: 1   # writers of the lake take turns
    granularity: op
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 30   # of a run that was killed
retention:
  schedule:
    purge_after_days: 7
  sensor:
    purge_after_days: 7
"""

WORKSPACE = """\
# Written by every `praxis up`.
load_from:
  - grpc_server:
      host: 127.0.0.1
      port: {port}
      location_name: praxis
"""


def write_dagster_home(install: Install, *, code_port: int) -> None:
    install.dagster_dir.mkdir(parents=True, exist_ok=True)
    (install.dagster_dir / "dagster.yaml").write_text(INSTANCE)
    (install.dagster_dir / "workspace.yaml").write_text(WORKSPACE.format(port=code_port))

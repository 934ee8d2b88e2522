"""Rules of the structure that the import linter can't say."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from test_budgets import ROOT, tracked

SIDE_EFFECTS = re.compile(r"os\.environ|os\.getenv|datetime\.now\(|Settings\(\)|open\(|\.read_text\(")
ENTRY_POINTS = {"api/migrations/env.py"}
"""Scripts that a tool runs, not modules that anybody imports."""


def python_files() -> list[Path]:
    return tracked(".py", "api", "pipelines", "dashboards", "stack", "data")


def top_level_statements(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passive = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.If)
    return [ast.unparse(node) for node in tree.body if not isinstance(node, passive)]


def test_import_contracts_hold() -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]


def test_nothing_happens_at_import() -> None:
    found = {
        str(path.relative_to(ROOT)): statement[:100]
        for path in python_files()
        if str(path.relative_to(ROOT)) not in ENTRY_POINTS
        for statement in top_level_statements(path)
        if "Path(__file__)" not in statement and SIDE_EFFECTS.search(statement)
    }
    assert not found


def test_services_never_commit() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if path.name in {"service.py", "queries.py", "rules.py"} and ".commit()" in path.read_text(encoding="utf-8")
    ]
    assert not found


def test_dashboards_keep_nothing_that_one_viewer_could_see_of_another() -> None:
    """Streamlit's caches are for the whole process."""
    files = [path for path in python_files() if "dashboards" in path.parts]
    found = [
        path.name for path in files if re.search(r"cache_(data|resource)|st\.cache", path.read_text(encoding="utf-8"))
    ]
    assert files
    assert not found


def test_every_package_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_only_staging_models_know_the_tables_of_the_api() -> None:
    found = [
        path.name
        for path in tracked(".sql", "dbt_project/models")
        if "source(" in path.read_text(encoding="utf-8") and not path.name.startswith("stg_")
    ]
    assert not found


def test_every_model_says_its_grain_in_its_first_line() -> None:
    silent = [
        path.name
        for path in tracked(".sql", "dbt_project/models")
        if not re.match(r"(--|\{#).{10,}", path.read_text(encoding="utf-8"))
    ]
    assert not silent

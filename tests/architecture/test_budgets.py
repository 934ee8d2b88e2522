"""The size budgets of the codebase; good and bad code differ in their tails, so the tails are watched."""

import ast
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("api", "pipelines", "dashboards", "stack", "data")


def tracked(suffix: str, *folders: str) -> list[Path]:
    """Files that git knows or would add, so run-time state never counts."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listing.stdout.splitlines() if name.endswith(suffix) and (ROOT / name).is_file()]


def is_migration(path: Path) -> bool:
    """A migration is a record of what was done: nobody shortens it later."""
    return "versions" in path.parts


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def percentile_95(values: list[int]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def test_half_of_the_files_have_at_most_90_lines() -> None:
    sizes = [n for path in tracked(".py", *ROOMS) if (n := line_count(path))]
    assert statistics.median(sizes) <= 90


@pytest.mark.parametrize("folders", [ROOMS, ("tests",), ("dbt_project",)], ids=["rooms", "tests", "dbt"])
def test_no_file_has_more_than_400_lines(folders: tuple[str, ...]) -> None:
    files = [path for path in tracked(".py", *folders) + tracked(".sql", *folders) if not is_migration(path)]
    assert files
    too_long = {str(path.relative_to(ROOT)): n for path in files if (n := line_count(path)) > 400}
    assert not too_long


def test_19_of_20_functions_have_at_most_40_lines() -> None:
    sizes = dict(item for path in tracked(".py", *ROOMS) if not is_migration(path) for item in functions(path))
    longest = sorted(sizes.items(), key=lambda item: -item[1])[:10]
    assert percentile_95(list(sizes.values())) <= 40, longest


def test_19_of_20_models_have_at_most_80_lines() -> None:
    sizes = [line_count(path) for path in tracked(".sql", "dbt_project/models")]
    assert percentile_95(sizes) <= 80

"""`praxis test`: everything that must hold before a change lands, each step with its time."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from stack.advisories import NOT_CHECKED
from stack.install import MARK, ROOT
from stack.problems import StackProblem
from stack.screen import say, table

MEASUREMENTS = (
    "api",
    "catalogue",
    "courses",
    "duties",
    "exports",
    "fresh",
    "hr",
    "hr_million",
    "identity",
    "limits",
    "models",
    "pages",
    "sight",
    "startup",
    "team",
    "transcode",
    "uploads",
)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
STEPS: dict[str, tuple[str, ...]] = {
    "ruff check": ("ruff", "check", "."),
    "ruff format": ("ruff", "format", "--check", "."),
    "mypy": ("mypy",),
    "import contracts": ("lint-imports",),
    "known vulnerabilities": ("python", "-m", "stack.advisories"),
    "sqlfluff": ("sqlfluff", "lint", "dbt_project/models", "--processes", "2"),
}
"""Before pytest, whose dbt and flow tests build all models with their own tests."""

SIDE_BY_SIDE = ("--numprocesses", "2", "--dist", "loadfile")
"""Two processes, each with a Postgres of its own; the tests of a file share servers and stay together."""

VERDICTS = {0: "passed", NOT_CHECKED: "not checked"}


def check(arguments: Sequence[str]) -> int:
    """All steps, or pytest alone where it is given arguments; the code is 0 only if every step passed."""
    ensure_chromium()
    ensure_redis()
    ensure_node()
    if arguments:
        return pytest(arguments)
    began = time.monotonic()
    results = {name: _timed(name, command) for name, command in STEPS.items()}
    results["pytest"] = _timed("pytest", ("pytest", *SIDE_BY_SIDE, "--durations=10", "--ignore=tests/bench"))
    say("\n" + table([(name, VERDICTS.get(code, "FAILED"), f"{s:.0f} s") for name, (code, s) in results.items()]))
    say(f"  {'all in':<20} {time.monotonic() - began:.0f} s")
    return max(abs(code) for code, _ in results.values() if code != NOT_CHECKED)


def bench(arguments: Sequence[str]) -> int:
    """The measurements named, or all of them; arguments such as --quick go to each."""
    flags = [argument for argument in arguments if argument.startswith("-")]
    chosen = [argument for argument in arguments if not argument.startswith("-")] or list(MEASUREMENTS)
    for name in chosen:
        if name not in MEASUREMENTS:
            raise StackProblem(f"There is no measurement {name}: there are {', '.join(MEASUREMENTS)}.")
        say(f"\n== {name}")
        if code := _run(("python", "-m", f"tests.bench.{name}", *flags)):
            return code
    return 0


def pytest(arguments: Sequence[str]) -> int:
    return _run(("pytest", *arguments))


def _timed(name: str, command: tuple[str, ...]) -> tuple[int, float]:
    say(f"\n== {name}")
    began = time.monotonic()
    code = _run(command)
    seconds = time.monotonic() - began
    say(f"== {name}: {VERDICTS.get(code, 'FAILED')} in {seconds:.0f} s")
    return code, seconds


def _run(command: tuple[str, ...]) -> int:
    """In the checkout, without the settings of an install that the terminal may carry: tests make their own."""
    kept = {name: value for name, value in os.environ.items() if name != MARK and not name.startswith("PRAXIS_")}
    tool = Path(sys.executable).parent / command[0]
    return subprocess.run([tool, *command[1:]], cwd=ROOT, env=kept, check=False).returncode


def find_chromium() -> str | None:
    """The system's browser, or the one that Playwright fetched."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return next((str(path) for path in sorted(cache.glob("chromium-*/chrome-linux*/chrome"), reverse=True)), None)


def ensure_chromium() -> str | None:
    """Debian's where we may install it, else Playwright's own; without either the browser tests say what they miss."""
    if found := find_chromium():
        return found
    say("== installing Chromium")
    tool = Path(sys.executable).parent / "playwright"
    if _may_apt():
        _quietly(_apt("chromium", "fonts-liberation"))
    else:
        _quietly([tool, "install", "chromium"])
    return find_chromium()


def ensure_redis() -> None:
    """For the tests of rate limits in Redis, where we may install it; without it they say what they miss."""
    if shutil.which("redis-server") is None and _may_apt():
        say("== installing Redis")
        _quietly(_apt("redis-server"))


def ensure_node() -> None:
    """For the OpenID provider that the tests sign in at; without it those tests say what they miss."""
    if not (shutil.which("node") and shutil.which("npm")) and _may_apt():
        say("== installing Node.js")
        _quietly(_apt("nodejs", "npm"))


def _may_apt() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(*packages: str) -> list[str]:
    install = f"apt-get update -qq && apt-get install -qq -y --no-install-recommends {' '.join(packages)}"
    return ["sh", "-c", install]


def _quietly(command: Sequence[str | Path]) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False)

"""`praxis doctor`: one line a fact, ok, warn or fail, with what to do about it."""

import asyncio
import importlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from stack import database
from stack.checks import find_chromium
from stack.install import ROOT, Install, as_recorded, running, with_database
from stack.parts import is_free, parts
from stack.postgres import BIN
from stack.problems import StackProblem, explain_postgres, holder_of
from stack.screen import say, table
from stack.up import FREE_SPACE_MB

Finding = tuple[str, str, str]
"""(ok | warn | fail, what, what was found and what to do)"""

LIBRARIES = (
    "asyncpg",
    "duckdb",
    "dagster",
    "dbt.version",
    "polars",
    "pyarrow",
    "streamlit.version",
    "typst",
    "obstore",
)


def doctor(install: Install) -> int:
    """Prints the findings; 1 if one of them stops Praxis from running."""
    install = as_recorded(install)
    checks: list[Callable[[Install], Iterator[Finding]]] = [
        _machine,
        _libraries,
        _space,
        _ports,
        _postgres,
        _lake,
        _company,
        _ffmpeg,
        _packages,
        _tools,
    ]
    findings = [finding for check in checks for finding in check(install)]
    say(table([(f"{state:<4}", what, told) for state, what, told in findings], indent=""))
    return 1 if any(state == "fail" for state, _, _ in findings) else 0


def _machine(_: Install) -> Iterator[Finding]:
    is_known = (3, 11) <= sys.version_info[:2] < (3, 13)
    yield "ok" if is_known else "fail", "python", f"{platform.python_version()} (3.11 or 3.12 is needed)"
    cores, memory = os.cpu_count() or 1, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    enough = cores >= 2 and memory >= 3
    yield (
        "ok" if enough else "warn",
        "machine",
        f"{cores} cores, {memory:.0f} GiB (2 cores and 3 GiB serve one company)",
    )


def _libraries(_: Install) -> Iterator[Finding]:
    missing = []
    for name in LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name}: {error}")
    yield (
        ("fail", "libraries", "; ".join(missing) + ". Remove .venv and run this again.")
        if missing
        else ("ok", "libraries", f"all of {len(LIBRARIES)} load")
    )
    run = subprocess.run([BIN / "postgres", "--version"], capture_output=True, text=True, check=False)
    told = run.stdout.strip() if run.returncode == 0 else explain_postgres(run.stderr)
    yield "fail" if run.returncode else "ok", "postgres binary", told


def _space(install: Install) -> Iterator[Finding]:
    there = next(folder for folder in (install.home, *install.home.parents) if folder.is_dir())
    free_mb = shutil.disk_usage(there).free // 2**20
    is_room = free_mb >= FREE_SPACE_MB
    yield "ok" if is_room else "fail", "free space", f"{free_mb} MB at {there} (at least {FREE_SPACE_MB} MB)"
    is_writable = os.access(there, os.W_OK | os.X_OK)
    advice = "" if is_writable else " can't be written: set PRAXIS_HOME to a folder of this user"
    yield "ok" if is_writable else "fail", "home", f"{install.home}{advice}"
    sizes = f"environment {_size_mb(ROOT / '.venv')} MB, home {_size_mb(install.home)} MB"
    yield "ok", "installed size", sizes


def _size_mb(folder: Path) -> int:
    """As `du` counts; a file that vanishes meanwhile counts nothing."""
    run = subprocess.run(["du", "-sk", folder], capture_output=True, text=True, check=False)
    return int(run.stdout.split()[0]) // 1024 if run.stdout else 0


def _ports(install: Install) -> Iterator[Finding]:
    if told := running(install):
        yield "ok", "ports", f"in use by this install (pid {told['pid']})"
        return
    for part in parts(install):
        if part.setting and part.port:
            free = is_free(part.host, part.port)
            told_port = "free" if free else f"taken by {holder_of(part.port)}: set {part.setting} to another port"
            yield "ok" if free else "fail", f"port {part.port}", f"{part.title}: {told_port}"


def _postgres(install: Install) -> Iterator[Finding]:
    try:
        url = with_database(install).settings.database_url
        version = str(database.value(url, "show server_version"))
        yield "ok", "postgres", f"{version} answers at {database.shown(url)}"
        current, newest = database.migrations(url)
    except StackProblem as problem:
        yield ("fail" if install.postgres is None else "warn"), "postgres", str(problem)
        return
    told = f"at {newest}" if current == newest else f"at {current}, newest is {newest}: `./praxis up` migrates"
    yield "ok" if current == newest else "warn", "migrations", told


def _lake(install: Install) -> Iterator[Finding]:
    from api.core.lake import connect  # noqa: PLC0415  (DuckDB is heavy; a broken one must not stop the other findings)

    try:
        settings = with_database(install).settings
        with connect(settings, read_only=True) as lake:
            found = lake.execute("select count(*) from duckdb_tables() where database_name = 'lake'").fetchone()
            yield "ok", "lake", f"{found[0] if found else 0} tables"
    except StackProblem:
        yield "warn", "lake", "its catalog is in Postgres, which is not running"
    except Exception as error:  # whatever DuckDB says is the finding
        yield "warn", "lake", f"{str(error).splitlines()[0]} (the first pipeline pass makes it)"


def _company(install: Install) -> Iterator[Finding]:
    from api.core.errors import ProblemError  # noqa: PLC0415  (a broken library must not stop the other findings)
    from api.identity.idp_config import CompanySignInMisconfigured, company_of  # noqa: PLC0415
    from api.identity.idp_provider import Provider  # noqa: PLC0415

    try:
        company = company_of(install.settings)
        if company:
            asyncio.run(Provider(company, install.settings).document())
            yield "ok", "company's sign-in", f"{company.name} answers at {company.issuer}"
    except CompanySignInMisconfigured as wrong:
        yield "fail", "company's sign-in", wrong.detail
    except ProblemError as problem:
        yield "warn", "company's sign-in", f"{problem.detail} ({install.settings.idp_issuer})"


def _ffmpeg(_: Install) -> Iterator[Finding]:
    from api.core.errors import ProblemError  # noqa: PLC0415  (a broken library must not stop the other findings)
    from api.media.ffmpeg import find_ffmpeg  # noqa: PLC0415

    try:
        path, origin = find_ffmpeg()
    except ProblemError as problem:
        yield "warn", "ffmpeg", f"{problem.detail} Without it videos aren't converted."
        return
    run = subprocess.run([path, "-hide_banner", "-version"], capture_output=True, text=True, check=False)
    version = run.stdout.split()[2] if run.returncode == 0 else ""
    codecs = subprocess.run([path, "-hide_banner", "-encoders"], capture_output=True, text=True, check=False).stdout
    if not version or "libx264" not in codecs:
        yield "warn", "ffmpeg", f"{path} ({origin}) can't write H.264: install one with libx264"
        return
    yield "ok", "ffmpeg", f"{version} {origin}: {path}"


def _packages(install: Install) -> Iterator[Finding]:
    if install.settings.has_content_site:
        yield "ok", "packages", f"shown at {install.settings.content_url}, a site of their own"
    else:
        yield "warn", "packages", "SCORM can't be played: give them an address, PRAXIS_PUBLIC_CONTENT_URL"


def _tools(_: Install) -> Iterator[Finding]:
    chromium = find_chromium()
    yield (
        "ok" if chromium else "warn",
        "chromium",
        str(chromium or "missing, only tests need it: `./praxis test` gets it"),
    )
    uses = {
        "soffice": "LibreOffice turns Office files into PDF; without it they are offered as downloads",
        "git": "the tests of the structure read it",
        "npm": "only tests need it, for an OpenID provider",
    }
    for tool, use in uses.items():
        found = shutil.which(tool)
        yield "ok" if found else "warn", tool, found or f"missing ({use})"

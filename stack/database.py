"""What `up` asks of the database: it answers, it is migrated, it holds somebody, its first pass was made."""

import asyncio

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from stack.install import ROOT
from stack.problems import StackProblem

PASSED = "select exists (select from dagster.runs where pipeline_name = 'first_pass' and status = 'SUCCESS')"

UNFINISHED = "select count(*) from dagster.runs where status in ('STARTING', 'STARTED', 'CANCELING')"


async def _value(url: str, query: str, timeout_s: float) -> object:
    connection = await asyncpg.connect(url, timeout=timeout_s)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def value(url: str, query: str, *, timeout_s: float = 10) -> object:
    """The first column of the first row; StackProblem where the server doesn't answer."""
    try:
        return asyncio.run(_value(url, query, timeout_s))
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
        raise StackProblem(f"Postgres at {shown(url)} does not answer: {error or 'timeout'}") from error
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise StackProblem(f"Postgres at {shown(url)} refuses: {error}. Check PRAXIS_DATABASE_URL.") from error


def shown(url: str) -> str:
    """The address without its user and password."""
    return url.split("://", 1)[-1].rpartition("@")[2]


def migrations(url: str) -> tuple[str | None, str | None]:
    """(the database's, the code's newest); equal where nothing is left to do."""
    known = value(url, "select to_regclass('public.alembic_version')")
    current = value(url, "select version_num from public.alembic_version") if known else None
    return (str(current) if current else None), ScriptDirectory.from_config(_config(url)).get_current_head()


def migrate(url: str) -> str:
    """Up to date, in this process; returns what was done."""
    value(url, "create schema if not exists dagster")
    current, newest = migrations(url)
    if current == newest:
        return f"at {newest}"
    command.upgrade(_config(url), "head")
    return f"{current or 'empty'} -> {newest}"


def is_empty(url: str) -> bool:
    return value(url, "select not exists (select from public.person)") is True


def _dagster_exists(url: str) -> bool:
    return value(url, "select to_regclass('dagster.runs')") is not None


def first_pass_is_done(url: str) -> bool:
    return _dagster_exists(url) and value(url, PASSED) is True


def unfinished_runs(url: str) -> bool:
    """Runs that a killed start left open."""
    return _dagster_exists(url) and value(url, UNFINISHED) != 0


def _config(url: str) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    return config

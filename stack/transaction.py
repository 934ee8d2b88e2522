"""One question to the services from the terminal."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.origin import at_terminal
from api.core.settings import Settings
from api.identity.rules import OPERATOR
from stack.install import Install, as_recorded, with_database

T = TypeVar("T")


def running_settings(install: Install) -> Settings:
    """Of the install as it runs now, whatever this terminal's environment says."""
    return with_database(as_recorded(install)).settings


def in_transaction(install: Install, command: str, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Committed here at the edge; the audit log names the command and who typed it."""
    url = running_settings(install).database_url

    async def run() -> T:
        engine = make_engine(url, pool_size=1)
        try:
            async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                return await work(session)
        finally:
            await engine.dispose()

    with at_terminal(command, OPERATOR):
        return asyncio.run(run())

"""FastAPI dependencies: a transaction that sees only whom the caller may see."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from api.identity.deps import ReportsDep
from api.people.sight import seeing


async def get_sight(request: Request, me: ReportsDep) -> AsyncIterator[AsyncConnection]:
    async with seeing(request.app.state.engine, me) as connection:
        yield connection


SightDep = Annotated[AsyncConnection, Depends(get_sight, scope="function")]

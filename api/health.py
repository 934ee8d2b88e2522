"""Whether this process lives, and whether it can do its work."""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from api.core.errors import Unavailable
from api.core.http import ReaderDep, problems

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str
    migration: str | None = None


@router.get("/health/live", operation_id="live", summary="The process answers")
async def live() -> Health:
    return Health(status="live")


@router.get(
    "/health/ready", operation_id="ready", summary="The database answers and is migrated", responses=problems(503)
)
async def ready(reader: ReaderDep) -> Health:
    known = (await reader.execute(text("select to_regclass('alembic_version')"))).scalar()
    migration = (await reader.execute(text("select version_num from alembic_version"))).scalar() if known else None
    if migration is None:
        raise Unavailable("The database is not migrated yet: run `./praxis up`.")
    return Health(status="ready", migration=migration)

"""Whether this process lives, and whether it can do its work."""

from datetime import datetime
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.errors import Unavailable
from api.core.http import ReaderDep, problems
from api.core.lake import CATALOG_SCHEMA

router = APIRouter(tags=["health"])


class Live(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"status": "live"}})

    status: str


class LakeState(BaseModel):
    snapshot: int
    snapshot_at: datetime


class Ready(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ready",
                "migration": "0001",
                "lake": {"snapshot": 412, "snapshot_at": "2026-11-23T12:00:00Z"},
            }
        }
    )

    status: str
    migration: str
    lake: LakeState | None = Field(description="The newest lake snapshot; null before the first pipeline pass.")


@cache
def newest_migration() -> str | None:
    """What this code was written for."""
    return ScriptDirectory(Path(__file__).parent / "migrations").get_current_head()


async def _lake(reader: AsyncConnection) -> LakeState | None:
    table = f"{CATALOG_SCHEMA}.ducklake_snapshot"
    if not (await reader.execute(text("select to_regclass(:table)"), {"table": table})).scalar():
        return None
    newest = f"select snapshot_id, snapshot_time from {table} order by snapshot_id desc limit 1"  # noqa: S608 (our own name)
    row = (await reader.execute(text(newest))).first()
    return LakeState(snapshot=row[0], snapshot_at=row[1]) if row else None


@router.get("/health/live", operation_id="live", summary="The process answers", responses=problems(is_limited=False))
async def live() -> Live:
    return Live(status="live")


@router.get(
    "/health/ready",
    operation_id="ready",
    summary="The database answers and is migrated",
    responses=problems(is_limited=False),
)
async def ready(reader: ReaderDep) -> Ready:
    """The lake's state is told but never makes this fail: people learn while the pipelines rest."""
    newest = await run_in_threadpool(newest_migration)
    known = (await reader.execute(text("select to_regclass('alembic_version')"))).scalar()
    migration = (await reader.execute(text("select version_num from alembic_version"))).scalar() if known else None
    if migration is None or migration != newest:
        raise Unavailable(f"The database is at migration {migration}, this needs {newest}: run `./praxis up`.")
    return Ready(status="ready", migration=migration, lake=await _lake(reader))

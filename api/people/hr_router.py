"""The exchange with HR systems for the data team: what came, what is held and why, what is kept out."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from api.core.http import BODY, ReaderDep, SessionDep, problems
from api.identity.deps import allow
from api.identity.rules import Principal
from api.people import service
from api.people.hr_schemas import (
    ApproveIn,
    ImportDetail,
    ImportOut,
    ImportPage,
    Kind,
    QuarantinePage,
    RejectIn,
    SourcePage,
    Status,
)
from api.people.schemas import ID

router = APIRouter(prefix="/hr", tags=["people"])
DataTeamDep = Annotated[Principal, Depends(allow("pipelines", "hr_data"))]
Id = Annotated[uuid.UUID, Path(alias="id", examples=[ID])]
Source = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$", examples=["demo"])]
Before = Annotated[uuid.UUID | None, Query(description="`next` of the page before.", examples=[ID])]


@router.get("/sources", operation_id="hrSources", summary="How each HR source stands", responses=problems(401))
async def list_sources(_: DataTeamDep, reader: ReaderDep) -> SourcePage:
    """Last sync, freshness, changes by kind and day, and what somebody should do something about."""
    found = await service.hr_sources(reader)
    return SourcePage.model_validate({"items": [_source(one) for one in found]})


@router.get("/imports", operation_id="hrImports", summary="What became of each delivery", responses=problems(401))
async def list_imports(
    _: DataTeamDep,
    reader: ReaderDep,
    source: Source = None,
    status: Annotated[Status | None, Query()] = None,
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> ImportPage:
    """The newest first."""
    found = await service.imports(reader, source=source, status=status, before=before, limit=limit)
    return ImportPage.model_validate({"items": [row._mapping for row in found], "next": _next(found, limit)})


@router.get("/imports/{id}", operation_id="hrImport", summary="One delivery, row by row", responses=problems(401, 404))
async def read_import(
    _: DataTeamDep,
    reader: ReaderDep,
    import_id: Id,
    kind: Annotated[Kind | None, Query()] = None,
    after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> ImportDetail:
    """Rows are there for one that is, or was, held: leavers first, then by employee number."""
    found = await service.import_of(reader, import_id)
    rows = await service.diff_of(reader, import_id, kind=kind, after=after, limit=limit)
    following = rows[-1].number if len(rows) == limit else None
    return ImportDetail.model_validate({**found._mapping, "rows": [r._mapping for r in rows], "next": following})


@router.post(
    "/imports/{id}/approve",
    operation_id="approveHrImport",
    summary="Let a held delivery be applied",
    responses=problems(*BODY, 401, 404, 409),
)
async def approve(body: ApproveIn, me: DataTeamDep, session: SessionDep, import_id: Id) -> ImportOut:
    """Exactly what was looked at, within a minute; it is held again if it would do something else by then.

    Twice is harmless.
    """
    await service.approve_import(session, import_id, me, diff_checksum=body.diff_checksum)
    return _import(await service.import_of(session, import_id))


@router.post(
    "/imports/{id}/reject",
    operation_id="rejectHrImport",
    summary="Leave a held delivery unapplied, for good",
    responses=problems(*BODY, 401, 404, 409),
)
async def reject(body: RejectIn, me: DataTeamDep, session: SessionDep, import_id: Id) -> ImportOut:
    """Twice is harmless."""
    await service.reject_import(session, import_id, me, note=body.note)
    return _import(await service.import_of(session, import_id))


@router.get(
    "/quarantine",
    operation_id="hrQuarantine",
    summary="Rows that were kept out, or kept with a remark",
    responses=problems(401),
)
async def list_quarantine(
    _: DataTeamDep,
    reader: ReaderDep,
    source: Source = None,
    healed: Annotated[bool, Query(description="Those that their source has mended.")] = False,
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> QuarantinePage:
    """The newest first; a row heals when its source mends it."""
    found = await service.quarantined(reader, source=source, healed=healed, before=before, limit=limit)
    return QuarantinePage.model_validate({"items": [row._mapping for row in found], "next": _next(found, limit)})


def _next(rows: Any, limit: int) -> uuid.UUID | None:
    return rows[-1].id if len(rows) == limit else None


def _import(row: Any) -> ImportOut:
    return ImportOut.model_validate(row._mapping)


def _source(one: Any) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "newest"}
    problems = [{"kind": problem.kind, "says": problem.says} for problem in one.problems]
    return {**told, "problems": problems, "import": one.newest._mapping if one.newest else None}

"""What went back to the HR systems, for the data team."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.compliance import write_back
from api.compliance.write_back_schemas import ID, HrRecordPage, State
from api.core.errors import Conflict
from api.core.http import ReaderDep, SessionDep, problems
from api.identity.deps import allow
from api.identity.rules import Principal

router = APIRouter(prefix="/hr", tags=["people"])
DataTeamDep = Annotated[Principal, Depends(allow("pipelines", "hr_data"))]


@router.get(
    "/write-back", operation_id="hrWriteBack", summary="What went back to the HR systems", responses=problems(401)
)
async def list_records(
    _: DataTeamDep,
    reader: ReaderDep,
    source: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$", examples=["bamboohr"])] = None,
    state: Annotated[State | None, Query()] = None,
    before: Annotated[uuid.UUID | None, Query(description="`next` of the page before.", examples=[ID])] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> HrRecordPage:
    """Completions with hours, certificates with their end, revocations: each with its state, the newest first."""
    found = await write_back.hr_records(reader, source=source, state=state, before=before, limit=limit)
    counts = await write_back.hr_record_counts(reader)
    return HrRecordPage.model_validate(
        {
            "items": [row._mapping for row in found],
            "counts": [row._mapping for row in counts],
            "next": found[-1].id if len(found) == limit else None,
        }
    )


@router.post(
    "/write-back/{id}/retry",
    status_code=204,
    operation_id="retryHrRecord",
    summary="Send a refused record again",
    responses=problems(401, 409),
)
async def retry(
    _: DataTeamDep, session: SessionDep, record_id: Annotated[uuid.UUID, Path(alias="id", examples=[ID])]
) -> None:
    """Once its reason is mended; within a minute."""
    if not await write_back.send_again(session, record_id):
        raise Conflict("No refused record has this id: only those are sent again.")

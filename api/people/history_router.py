"""Who somebody was for the company: on any day, as known at any moment."""

import uuid
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.core.http import problems
from api.people.deps import SightDep
from api.people.history import history_of
from api.people.history_schemas import HistoryOut

router = APIRouter(tags=["people"])


@router.get(
    "/people/{id}/history",
    operation_id="personHistory",
    summary="Somebody's employments: on a day, as known at a moment",
    responses=problems(401, 404),
)
async def person_history(
    id: uuid.UUID,
    sight: SightDep,
    valid_at: Annotated[date | None, Query(description="The day it held; without it, all days.")] = None,
    known_at: Annotated[AwareDatetime | None, Query(description="As it was known then; without it, as now.")] = None,
) -> HistoryOut:
    """Whom one may see today, and oneself: their past too. Managers outside of that are not named."""
    return HistoryOut.model_validate(await history_of(sight, id, valid_at=valid_at, known_at=known_at))

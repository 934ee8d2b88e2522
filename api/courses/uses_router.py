"""The media library's question to the courses: which of them show a file."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from api.core.http import ReaderDep, problems
from api.courses.draft_schemas import ID
from api.courses.media_uses import media_uses
from api.identity.deps import CreatorDep

router = APIRouter(tags=["media"])


class UseOut(BaseModel):
    asset_id: uuid.UUID
    course_id: uuid.UUID
    title: str


class UsePage(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [{"asset_id": ID, "course_id": ID, "title": "Working at height"}]}}
    )

    items: list[UseOut]


@router.get(
    "/media-uses",
    operation_id="mediaUses",
    summary="Where my files are used",
    responses=problems(401),
)
async def uses(
    creator: CreatorDep,
    reader: ReaderDep,
    asset_id: Annotated[list[uuid.UUID], Query(min_length=1, max_length=100, examples=[[ID]])],
) -> UsePage:
    """The courses of mine that show them, in whichever version; a file that isn't mine is left out."""
    return UsePage(items=[UseOut(**row) for row in await media_uses(reader, creator.person_id, asset_id)])

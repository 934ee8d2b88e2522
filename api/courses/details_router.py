"""A published course before one enrols."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response

from api.core.http import problems
from api.courses.detail_schemas import CourseDetailOut
from api.courses.details import CourseDetails
from api.courses.draft_schemas import ID
from api.identity.deps import PrincipalDep

router = APIRouter(tags=["courses"])
ETAG: dict[str, Any] = {"ETag": {"description": "For If-None-Match.", "schema": {"type": "string"}}}


@router.get(
    "/courses/{course_id}",
    operation_id="courseDetails",
    summary="A published course, before one enrols",
    response_class=Response,
    responses={
        200: {"model": CourseDetailOut, "headers": ETAG},
        304: {"description": "It hasn't changed", "headers": ETAG},
        **problems(401, 404),
    },
)
async def course_details(
    course_id: Annotated[uuid.UUID, Path(examples=[ID])],
    _: PrincipalDep,
    request: Request,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match", max_length=200)] = None,
) -> Response:
    """With its outline and what comes first. Ask with If-None-Match: 304 while it is the same."""
    details: CourseDetails = request.app.state.course_details
    known = await details.get(course_id)
    headers = {"ETag": known.etag, "Cache-Control": "private, no-cache"}
    if known.etag in (if_none_match or ""):
        return Response(status_code=304, headers=headers)
    return Response(known.body, headers=headers, media_type="application/json")

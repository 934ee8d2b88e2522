"""A course as its learners will see it; nothing that is done here is stored."""

import uuid

from fastapi import APIRouter, Request, Response

from api.core.http import SessionDep, SettingsDep
from api.web.studio import studio_page

router = APIRouter(include_in_schema=False)


@router.get("/studio/courses/{course_id}/preview")
async def preview(request: Request, session: SessionDep, settings: SettingsDep, course_id: uuid.UUID) -> Response:
    return await studio_page(request, session, settings, "studio/preview.html", section="courses", course_id=course_id)

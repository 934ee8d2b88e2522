"""The studio's pages of learning paths, and of a course's seats and approval."""

import uuid

from fastapi import APIRouter, Request, Response

from api.core.http import SessionDep, SettingsDep
from api.web.studio import studio_page

router = APIRouter(include_in_schema=False)


@router.get("/studio/paths")
async def paths(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    return await studio_page(request, session, settings, "studio/paths.html", section="paths")


@router.get("/studio/paths/{path_id}")
async def path(request: Request, session: SessionDep, settings: SettingsDep, path_id: uuid.UUID) -> Response:
    return await studio_page(request, session, settings, "studio/path.html", section="paths", path_id=path_id)


@router.get("/studio/courses/{course_id}/enrolment")
async def enrolment(request: Request, session: SessionDep, settings: SettingsDep, course_id: uuid.UUID) -> Response:
    return await studio_page(
        request, session, settings, "studio/enrolment.html", section="courses", course_id=course_id
    )

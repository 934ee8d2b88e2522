"""The studio's pages around a course's versions: publishing one, the list of them, what differs between two."""

import uuid

from fastapi import APIRouter, Request, Response

from api.core.http import SessionDep, SettingsDep
from api.web.studio import studio_page

router = APIRouter(include_in_schema=False)


@router.get("/studio/courses/{course_id}/publish")
async def publish(request: Request, session: SessionDep, settings: SettingsDep, course_id: uuid.UUID) -> Response:
    return await studio_page(request, session, settings, "studio/publish.html", section="courses", course_id=course_id)


@router.get("/studio/courses/{course_id}/versions")
async def versions(request: Request, session: SessionDep, settings: SettingsDep, course_id: uuid.UUID) -> Response:
    return await studio_page(request, session, settings, "studio/versions.html", section="courses", course_id=course_id)


@router.get("/studio/courses/{course_id}/diff")
async def diff(request: Request, session: SessionDep, settings: SettingsDep, course_id: uuid.UUID) -> Response:
    return await studio_page(request, session, settings, "studio/diff.html", section="courses", course_id=course_id)
